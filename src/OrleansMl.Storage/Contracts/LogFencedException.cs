namespace OrleansMl.Storage;

/// <summary>A second writer has appended to the same entity's log: this one must give up its state and reload.</summary>
public sealed class LogFencedException(string entityKey, long expected, long actual)
    : Exception($"The log of '{entityKey}' ends at {actual}, not at {expected}: another writer has appended. Reload and try again.");
