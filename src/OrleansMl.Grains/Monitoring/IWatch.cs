using System.Collections.Immutable;

namespace OrleansMl.Monitoring;

/// <summary>What a row does to the alarm of its monitor.</summary>
internal enum AlarmStep
{
    None,
    Raise,
    End,
}

/// <summary>What judges the values of a monitor: detectors of a stream, or a statistic of chunks. Deterministic, so that rows that come again after a crash lead to the same alarms.</summary>
internal interface IWatch
{
    /// <summary>An alarm stands.</summary>
    bool IsRaised { get; }

    /// <summary>It suspects a change.</summary>
    bool IsWarning { get; }

    /// <summary>Series that were judged at the last judgement, those past the threshold and the worst first; empty before the first.</summary>
    ImmutableArray<DriftEvidence> Evidence { get; }

    /// <summary>Series that were judged together.</summary>
    int JudgedCount { get; }

    /// <summary>Series past the threshold.</summary>
    int PastCount { get; }

    /// <summary>The rows behind the last judgement.</summary>
    MonitorWindow Window { get; }

    /// <summary>Codes of the series of texts; null for the others.</summary>
    CategoryCodes?[] Codes { get; }

    /// <summary>Takes a row's values, NaN for what is missing.</summary>
    AlarmStep Take(MonitorRow row, double[] values, long number);

    void Write(BinaryWriter writer);
}
