namespace OrleansMl;

/// <summary>What a monitor compared for one column, or for the one series that it watches.</summary>
[GenerateSerializer, Immutable, Alias("oml.DriftEvidence")]
public sealed record DriftEvidence
{
    /// <summary>The column; loss, error, score or label where it is no column.</summary>
    [Id(0)] public required string Series { get; init; }

    [Id(1)] public double Statistic { get; init; }

    /// <summary>What the statistic is held against; null where a p-value decides.</summary>
    [Id(2)] public double? Threshold { get; init; }

    /// <summary>Null for a distance without a test.</summary>
    [Id(3)] public double? PValue { get; init; }

    /// <summary>The p-value after the correction for many columns: what is held against the level.</summary>
    [Id(4)] public double? CorrectedPValue { get; init; }

    /// <summary>It is past the threshold.</summary>
    [Id(5)] public bool IsPast { get; init; }

    /// <summary>What it is compared with: the reference, or what a detector has seen before the window.</summary>
    [Id(6)] public required SampleSummary Reference { get; init; }

    /// <summary>The window.</summary>
    [Id(7)] public required SampleSummary Current { get; init; }
}
