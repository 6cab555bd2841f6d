using System.Globalization;
using OrleansMl.Cli.Output;
using OrleansMl.Cli.Scoring;

namespace OrleansMl.Cli.Replay;

/// <summary>A replay's figures for people.</summary>
internal static class ReplayReport
{
    public static void Write(Terminal terminal, ReplaySummary summary, bool regression)
    {
        terminal.WriteTable(Scores(summary, regression));
        var text = terminal.Out;
        text.WriteLine(Invariant($"rows {summary.Rows:N0}: {summary.BootstrapRows:N0} before a version served, {summary.ScoredRows:N0} scored; each truth came {summary.DelayRows:N0} row(s) late"));
        text.WriteLine(Invariant($"promotions {summary.Promotions:N0}, hot swaps {summary.HotSwaps:N0}, failed requests {summary.FailedRequests:N0}"));
        text.WriteLine(Invariant($"prediction latency p50 {Milliseconds(summary.P50Ms)}, p99 {Milliseconds(summary.P99Ms)}; {summary.EventsPerSecond:N0} rows/s for {summary.Seconds:0.0} s (each an outcome, an event and a prediction); engine {summary.Engine}"));
    }

    private static TextTable Scores(ReplaySummary summary, bool regression)
    {
        (string Name, Score Score)[] lines =
        [
            ("live (as served)", summary.Live), ("frozen (version 1)", summary.Frozen), ("no change", summary.NoChange), ("prior", summary.Prior),
        ];
        string[] headers = regression ? ["", "mae", "rmse", "mae, last 5,000"] : ["", "accuracy", "last 5,000"];
        return new(headers, [.. lines.Select(line => regression
            ? new[] { line.Name, Figure(line.Score.Mae, "0.###"), Figure(line.Score.Rmse, "0.###"), Figure(line.Score.MaeLast5000, "0.###") }
            : [line.Name, Figure(line.Score.Accuracy, "0.0000"), Figure(line.Score.AccuracyLast5000, "0.0000")])])
        {
            RightAligned = new HashSet<int> { 1, 2, 3 },
        };
    }

    private static string Figure(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";

    private static string Milliseconds(double? value) => value is { } number ? Invariant($"{number:0.00} ms") : "-";

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
