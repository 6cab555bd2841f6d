using System.Collections.Immutable;

namespace OrleansMl;

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
