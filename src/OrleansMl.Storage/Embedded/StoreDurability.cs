namespace OrleansMl.Storage.Embedded;

/// <summary>What an acknowledged write survives.</summary>
public enum StoreDurability
{
    /// <summary>Loss of power: each commit waits for the disk (SQLite's <c>synchronous = FULL</c>).</summary>
    Power,

    /// <summary>Death of the process, also by <c>kill -9</c>; the operating system writes to disk later (<c>synchronous = NORMAL</c>).</summary>
    Process,
}
