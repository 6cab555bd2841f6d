namespace OrleansMl.Storage;

/// <summary>Where a queue stands.</summary>
/// <param name="Position">Everything below is done with; -1: nothing was stored yet.</param>
/// <param name="End">The offset that the next append gets.</param>
public readonly record struct StreamQueueState(long Position, long End);
