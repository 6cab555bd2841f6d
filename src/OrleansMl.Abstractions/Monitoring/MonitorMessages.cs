using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>A bin of a histogram.</summary>
/// <param name="From">Least value, inclusive; null: open, or with <paramref name="To"/> null too: values that the reference does not know.</param>
/// <param name="To">Bound above, exclusive; equal to <paramref name="From"/> for a bin of one value; null: open.</param>
/// <param name="Category">The text that the bin is of; null: numbers.</param>
/// <param name="Count">Rows.</param>
[GenerateSerializer, Immutable, Alias("oml.SummaryBin")]
public sealed record SummaryBin([property: Id(0)] double? From, [property: Id(1)] double? To, [property: Id(2)] string? Category, [property: Id(3)] long Count);

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

/// <summary>An alarm with what shows it. Stored once; only its end and its acknowledgement are added.</summary>
[GenerateSerializer, Immutable, Alias("oml.Alarm")]
public sealed record Alarm
{
    [Id(0)] public required string Id { get; init; }

    [Id(1)] public required string Model { get; init; }

    [Id(2)] public required string Monitor { get; init; }

    /// <summary>loss | error | score | label | features | missing_rate.</summary>
    [Id(3)] public required string On { get; init; }

    /// <summary>Type of the detector, or name of the statistic.</summary>
    [Id(4)] public required string Detector { get; init; }

    /// <summary>When it was raised, wall clock, UTC.</summary>
    [Id(5)] public required DateTime Raised { get; init; }

    /// <summary>When it ended; null: it stands.</summary>
    [Id(6)] public DateTime? Ended { get; init; }

    /// <summary>Series past the threshold, worst first, at most 10.</summary>
    [Id(7)] public ImmutableArray<DriftEvidence> Evidence { get; init; } = [];

    /// <summary>Series past the threshold.</summary>
    [Id(8)] public int PastCount { get; init; }

    /// <summary>Series that were judged together.</summary>
    [Id(9)] public int JudgedCount { get; init; }

    /// <summary>none | bonferroni | holm | benjamini_hochberg.</summary>
    [Id(10)] public required string Correction { get; init; }

    /// <summary>The window's first row as the monitor counts them, from 1.</summary>
    [Id(11)] public long FirstRow { get; init; }

    /// <summary>The window's last row: the one that raised the alarm.</summary>
    [Id(12)] public long LastRow { get; init; }

    /// <summary>Time of the window's earliest prediction, UTC.</summary>
    [Id(13)] public DateTime From { get; init; }

    /// <summary>Time of the window's latest prediction, UTC.</summary>
    [Id(14)] public DateTime To { get; init; }

    /// <summary>Versions that answered in the window, ascending; 0: the prior.</summary>
    [Id(15)] public ImmutableArray<int> Versions { get; init; } = [];

    /// <summary>Newest predictions of the window, at most 10.</summary>
    [Id(16)] public ImmutableArray<string> PredictionIds { get; init; } = [];

    [Id(17)] public DateTime? Acknowledged { get; init; }

    [Id(18)] public string? AcknowledgedBy { get; init; }

    [Id(19)] public string? Note { get; init; }

    /// <summary>Level of the p-values; null where a value decides.</summary>
    [Id(20)] public double? Alpha { get; init; }
}

/// <summary>How a monitor stands.</summary>
[GenerateSerializer, Immutable, Alias("oml.MonitorStatus")]
public sealed record MonitorStatus
{
    [Id(0)] public required string Name { get; init; }

    [Id(1)] public required string On { get; init; }

    /// <summary>Type of the detector, or name of the statistic.</summary>
    [Id(2)] public required string Detector { get; init; }

    /// <summary>collecting: its reference is not there yet | watching | warning | raised | failed.</summary>
    [Id(3)] public required string State { get; init; }

    /// <summary>Why it failed; else null.</summary>
    [Id(4)] public string? Reason { get; init; }

    /// <summary>Rows since it began.</summary>
    [Id(5)] public long Rows { get; init; }

    /// <summary>Series that it watches: 1, or its columns.</summary>
    [Id(6)] public int Series { get; init; }

    /// <summary>The worst series at the last judgement; null before the first.</summary>
    [Id(7)] public DriftEvidence? Worst { get; init; }

    /// <summary>When the last row that it has taken was answered, UTC; null: none.</summary>
    [Id(8)] public DateTime? AsOf { get; init; }

    /// <summary>Id of the alarm that stands; null: none.</summary>
    [Id(9)] public string? Alarm { get; init; }

    /// <summary>Alarms since it began.</summary>
    [Id(10)] public long Alarms { get; init; }
}
