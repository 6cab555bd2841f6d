namespace OrleansMl.Storage;

/// <summary>What became of one append.</summary>
public enum LogAppendStatus : byte
{
    Appended,

    /// <summary>The same record is in the log already, at the given sequence.</summary>
    Duplicate,

    /// <summary>The log holds the id with other content (or a higher revision of it).</summary>
    Conflict,
}
