using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Streams;

/// <summary>
/// Tables of the stream log and of dead letters. The log is ordered by (queue, offset), so that a queue is read as one
/// range; an index leads from a stream to its records. A stream with <c>released</c> NULL is kept for no consumer.
/// </summary>
internal static class StreamSchema
{
    private const string Tables =
        """
        CREATE TABLE stream_queues (
            queue INTEGER PRIMARY KEY, next_offset INTEGER NOT NULL, position INTEGER NOT NULL, last_appended INTEGER NOT NULL);
        CREATE TABLE stream_keys (
            pk INTEGER PRIMARY KEY,
            namespace TEXT NOT NULL, key TEXT NOT NULL,
            queue INTEGER NOT NULL, last_sequence INTEGER NOT NULL, released INTEGER,
            UNIQUE (namespace, key));
        CREATE INDEX stream_keys_kept ON stream_keys (namespace, key) WHERE released IS NOT NULL;
        CREATE TABLE stream_log (
            queue INTEGER NOT NULL, offset INTEGER NOT NULL,
            key INTEGER NOT NULL, sequence INTEGER NOT NULL, appended INTEGER NOT NULL, record BLOB NOT NULL,
            PRIMARY KEY (queue, offset)) WITHOUT ROWID;
        CREATE UNIQUE INDEX stream_log_key ON stream_log (key, sequence);

        CREATE TABLE dead_letters (
            id TEXT PRIMARY KEY, source TEXT NOT NULL UNIQUE,
            namespace TEXT NOT NULL, key TEXT NOT NULL, type TEXT NOT NULL, record_id TEXT NOT NULL,
            reason TEXT NOT NULL, detail TEXT NOT NULL, created INTEGER NOT NULL, replayed INTEGER, payload BLOB NOT NULL,
            stream TEXT NOT NULL, attributes BLOB NOT NULL);
        """;

    /// <summary>Makes the tables with this many queues.</summary>
    public static void Create(SqliteDatabase database, int queues)
    {
        database.Execute(Tables);
        for (var queue = 0; queue < queues; queue++)
            database.Execute($"INSERT INTO stream_queues VALUES ({queue}, 0, -1, 0);");
    }
}
