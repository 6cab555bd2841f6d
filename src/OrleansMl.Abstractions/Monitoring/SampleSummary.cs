using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>A sample in short.</summary>
[GenerateSerializer, Immutable, Alias("oml.SampleSummary")]
public sealed record SampleSummary
{
    /// <summary>Values, without the missing ones.</summary>
    [Id(0)] public long Count { get; init; }

    /// <summary>Null when there is none.</summary>
    [Id(1)] public double? Mean { get; init; }

    /// <summary>Of the population.</summary>
    [Id(2)] public double? StandardDeviation { get; init; }

    [Id(3)] public double? Min { get; init; }

    [Id(4)] public double? Max { get; init; }

    /// <summary>Empty where a detector keeps no reference.</summary>
    [Id(5)] public ImmutableArray<SummaryBin> Bins { get; init; } = [];
}
