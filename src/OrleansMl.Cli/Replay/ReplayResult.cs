namespace OrleansMl.Cli.Replay;

/// <summary>What streaming a file gave.</summary>
internal sealed record ReplayResult
{
    /// <summary>All rows, in order.</summary>
    public required IReadOnlyList<ReplayRow> Rows { get; init; }

    /// <summary>Requests without a 2xx answer.</summary>
    public required long FailedRequests { get; init; }

    /// <summary>The first of them, in words; null: none.</summary>
    public string? FirstFailure { get; init; }

    /// <summary>Acknowledged outcomes that did not meet their prediction (late, orphan …).</summary>
    public required long OutcomesNotJoined { get; init; }

    /// <summary>Durations of the predictions as the client saw them, in milliseconds.</summary>
    public required List<double> PredictionMs { get; init; }

    /// <summary>Wall time from the first request of the first row to the last of the last.</summary>
    public required TimeSpan Elapsed { get; init; }
}
