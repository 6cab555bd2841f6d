using System.Collections.Immutable;

namespace OrleansMl.Inference;

/// <summary>Counts of one version since the process started; the meaning is that of the protocol's statistics extension.</summary>
public sealed record VersionStatistics
{
    public static VersionStatistics None { get; } = new();

    /// <summary>When the last request was answered; null: none yet.</summary>
    public DateTimeOffset? LastInference { get; init; }

    /// <summary>Rows of the requests that succeeded.</summary>
    public long Rows { get; init; }

    /// <summary>Runs of the runtime.</summary>
    public long Executions { get; init; }

    public CountedTime Success { get; init; }

    public CountedTime Fail { get; init; }

    public CountedTime Queue { get; init; }

    public CountedTime Input { get; init; }

    public CountedTime Infer { get; init; }

    public CountedTime Output { get; init; }

    /// <summary>Runs by their number of rows, ascending.</summary>
    public ImmutableArray<BatchStatistics> Batches { get; init; } = [];
}

/// <summary>How often, and how long together.</summary>
public readonly record struct CountedTime(long Count, TimeSpan Total)
{
    /// <summary>One more.</summary>
    public CountedTime Plus(TimeSpan time) => new(Count + 1, Total + time);
}

/// <summary>Runs of one size.</summary>
/// <param name="Rows">Rows of each run.</param>
/// <param name="Input">Phases, as in <see cref="RunTimes"/>.</param>
/// <param name="Infer">As above.</param>
/// <param name="Output">As above.</param>
public sealed record BatchStatistics(int Rows, CountedTime Input, CountedTime Infer, CountedTime Output);
