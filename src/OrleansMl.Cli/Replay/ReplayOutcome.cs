using OrleansMl.Cli.Scoring;

namespace OrleansMl.Cli.Replay;

/// <summary>A finished replay: its figures, the compared series, and the exit code.</summary>
internal sealed record ReplayOutcome(ReplaySummary Summary, Comparison Comparison, int ExitCode);
