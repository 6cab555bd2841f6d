using System.Collections.Immutable;

namespace OrleansMl.Declaration;

/// <summary>One step after the model; exactly one member is set.</summary>
public sealed record PostprocessDefinition
{
    public CalibrateStep? Calibrate { get; init; }

    public ThresholdStep? Threshold { get; init; }

    /// <summary>Label → label.</summary>
    public ImmutableSortedDictionary<string, string>? LabelMap { get; init; }

    /// <summary><c>score</c> or a numeric column → weight.</summary>
    public ImmutableSortedDictionary<string, double>? Combine { get; init; }

    public int? TopK { get; init; }
}
