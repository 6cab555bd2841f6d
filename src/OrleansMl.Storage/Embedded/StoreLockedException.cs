namespace OrleansMl.Storage.Embedded;

/// <summary>Another store holds the data folder.</summary>
public sealed class StoreLockedException(string dataFolder, int? processId, string? since)
    : IOException(
        $"The data folder '{dataFolder}' is in use by {(processId is { } id ? $"process {id}" : "another process")}"
        + $"{(since is null ? "" : $" since {since}")}. Stop that process, or choose another folder: a data folder has one writer.")
{
    public string DataFolder { get; } = dataFolder;

    /// <summary>The process that holds it; null where it has not said so (yet).</summary>
    public int? ProcessId { get; } = processId;
}
