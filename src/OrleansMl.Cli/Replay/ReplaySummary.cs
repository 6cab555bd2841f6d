using System.Text.Json;
using OrleansMl.Cli.Scoring;

namespace OrleansMl.Cli.Replay;

/// <summary>The figures of a replay, as <c>summary.json</c> holds them. Every score covers the scored rows.</summary>
internal sealed record ReplaySummary
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Names of the data files.</summary>
    public required string Data { get; init; }

    public required long Rows { get; init; }

    /// <summary>Rows that no version served: the prior answered, as before version 1.</summary>
    public required long BootstrapRows { get; init; }

    /// <summary>Rows that a version served and whose truth is known.</summary>
    public required long ScoredRows { get; init; }

    public required int DelayRows { get; init; }

    /// <summary>standin | orleans.</summary>
    public required string Engine { get; init; }

    /// <summary>Version 1 on the vectors as served.</summary>
    public required Score Frozen { get; init; }

    /// <summary>Answers as served.</summary>
    public required Score Live { get; init; }

    /// <summary>The last truth known before the prediction.</summary>
    public required Score NoChange { get; init; }

    /// <summary>Majority class or mean of the truths known before the prediction.</summary>
    public required Score Prior { get; init; }

    /// <summary>Changes of the champion after version 1.</summary>
    public required long Promotions { get; init; }

    /// <summary>How often two consecutive served rows had different versions.</summary>
    public required long HotSwaps { get; init; }

    /// <summary>Requests without a 2xx answer; none was repeated.</summary>
    public required long FailedRequests { get; init; }

    /// <summary>Median latency of the predictions as the client saw it.</summary>
    public required double? P50Ms { get; init; }

    public required double? P99Ms { get; init; }

    /// <summary>Rows in a second while streaming (each an outcome, an event and a prediction).</summary>
    public required double EventsPerSecond { get; init; }

    /// <summary>Seconds of streaming.</summary>
    public required double Seconds { get; init; }

    public static ReplaySummary Of(ReplayResult result, Comparison comparison, string data, int delay, string engine, long promotions) => new()
    {
        Data = data,
        Rows = result.Rows.Count,
        BootstrapRows = result.Rows.Count(row => row.PredictionId is not null && row.ModelVersion is null),
        ScoredRows = comparison.Rows.Count,
        DelayRows = delay,
        Engine = engine,
        Frozen = Score.Of(comparison.Frozen, comparison.IsRegression),
        Live = Score.Of(comparison.Live, comparison.IsRegression),
        NoChange = Score.Of(comparison.NoChange, comparison.IsRegression),
        Prior = Score.Of(comparison.Prior, comparison.IsRegression),
        Promotions = promotions,
        HotSwaps = Swaps(result.Rows).Count,
        FailedRequests = result.FailedRequests,
        P50Ms = Latency.Percentile(result.PredictionMs, 0.5),
        P99Ms = Latency.Percentile(result.PredictionMs, 0.99),
        EventsPerSecond = result.Rows.Count / Math.Max(result.Elapsed.TotalSeconds, 1e-9),
        Seconds = result.Elapsed.TotalSeconds,
    };

    /// <summary>The first rows that another version served than the served row before.</summary>
    public static IReadOnlyList<ReplayRow> Swaps(IEnumerable<ReplayRow> rows)
    {
        var swaps = new List<ReplayRow>();
        int? version = null;
        foreach (var row in rows.Where(row => row.ModelVersion is not null))
        {
            if (version is not null && row.ModelVersion != version)
                swaps.Add(row);
            version = row.ModelVersion;
        }

        return swaps;
    }

    public string ToJson() => JsonSerializer.Serialize(this, Format) + "\n";
}
