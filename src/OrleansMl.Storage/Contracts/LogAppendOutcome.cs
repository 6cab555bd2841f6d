namespace OrleansMl.Storage;

/// <summary>Fate and place of one append.</summary>
public readonly record struct LogAppendOutcome(LogAppendStatus Status, long Sequence);
