using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Commit;

/// <summary>What an operation writes with: the one write connection, and what is to be told after the commit.</summary>
internal sealed class WriteSession(SqliteDatabase database)
{
    public SqliteDatabase Database => database;

    /// <summary>
    /// Counts the rollbacks: whatever an operation remembers of the tables is true only while this stays the same.
    /// </summary>
    public long Generation { get; set; }

    /// <summary>Queues of the stream log that got records since the last commit.</summary>
    public HashSet<int> TouchedQueues { get; } = [];
}
