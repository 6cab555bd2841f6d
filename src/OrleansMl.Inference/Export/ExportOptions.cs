using System.Collections.Immutable;

namespace OrleansMl.Inference;

/// <summary>How a learned model is written.</summary>
public sealed record ExportOptions
{
    /// <summary>Name of the graph.</summary>
    public required string ModelName { get; init; }

    /// <summary>Names of the classes, of two [negative, positive]: <c>label</c> is a string then. Empty: an int64 from 0.</summary>
    public ImmutableArray<string> ClassLabels { get; init; } = [];

    /// <summary>The trunk that the model is the head of, as <see cref="TrunkModel.Bytes"/>: the pipeline's numbers go through it. Null: there is none.</summary>
    public ReadOnlyMemory<byte>? Trunk { get; init; }
}
