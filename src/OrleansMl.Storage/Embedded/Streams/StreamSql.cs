using OrleansMl.Storage.Embedded.Commit;
using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Streams;

internal static class StreamSql
{
    private const string Columns = "l.queue, l.offset, k.namespace, k.key, l.sequence, l.appended, l.record";

    // The counter lives with the stream, not with its records: a sequence is never used again, whatever was trimmed.
    private static readonly SqlText s_nextSequence = new(
        """
        UPDATE stream_keys SET last_sequence = last_sequence + 1 WHERE namespace = ?1 AND key = ?2
        RETURNING pk, queue, last_sequence
        """);

    private static readonly SqlText s_insertKey = new(
        "INSERT INTO stream_keys (namespace, key, queue, last_sequence, released) VALUES (?1, ?2, ?3, 1, ?4) RETURNING pk, queue, last_sequence");

    // Times never fall within a queue, whatever the clock does: a time is found in it by halving.
    private static readonly SqlText s_nextOffset = new(
        """
        UPDATE stream_queues SET next_offset = next_offset + 1, last_appended = max(last_appended, ?2) WHERE queue = ?1
        RETURNING next_offset - 1, last_appended
        """);

    private static readonly SqlText s_insert = new(
        "INSERT INTO stream_log (queue, offset, key, sequence, appended, record) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");

    public static readonly SqlText ReadQueue = new(
        $"SELECT {Columns} FROM stream_log l JOIN stream_keys k ON k.pk = l.key WHERE l.queue = ?1 AND l.offset >= ?2 ORDER BY l.offset LIMIT ?3");

    public static readonly SqlText ReadStream = new(
        $"""
        SELECT {Columns} FROM stream_keys k CROSS JOIN stream_log l ON l.key = k.pk
        WHERE k.namespace = ?1 AND k.key = ?2 AND l.sequence > ?3 ORDER BY l.sequence LIMIT ?4
        """);

    public static readonly SqlText CountQueues = new("SELECT count(*) FROM stream_queues");

    public static readonly SqlText GetQueue = new("SELECT position, next_offset FROM stream_queues WHERE queue = ?1");

    public static readonly SqlText GetStream = new("SELECT key, last_sequence, released FROM stream_keys WHERE namespace = ?1 AND key = ?2");

    public static readonly SqlText ListHeld = new(
        "SELECT key, last_sequence, released FROM stream_keys WHERE namespace = ?1 AND released < last_sequence ORDER BY key");

    public static readonly SqlText StorePosition = new(
        "UPDATE stream_queues SET position = min(?2, next_offset) WHERE queue = ?1 AND position < ?2");

    public static readonly SqlText Rewind = new("UPDATE stream_queues SET position = max(0, min(?2, next_offset)) WHERE queue = ?1");

    public static readonly SqlText Release = new(
        "UPDATE stream_keys SET released = min(?3, last_sequence) WHERE namespace = ?1 AND key = ?2 AND released < ?3");

    /// <summary>The first record at or after an offset.</summary>
    public static readonly SqlText FirstFrom = new(
        "SELECT offset, appended FROM stream_log WHERE queue = ?1 AND offset >= ?2 ORDER BY offset LIMIT 1");

    /// <summary>Streams whose first record is released and passed.</summary>
    public static readonly SqlText ListReleased = new(
        """
        SELECT k.pk, k.queue, k.released, q.position FROM stream_keys k JOIN stream_queues q ON q.queue = k.queue
        WHERE k.released > 0 AND EXISTS (SELECT 1 FROM stream_log l WHERE l.key = k.pk AND l.sequence <= k.released AND l.offset < q.position)
        """);

    /// <summary>Records of a stream through a sequence and below a position.</summary>
    public static readonly SqlText TrimStream = new(
        """
        DELETE FROM stream_log WHERE queue = ?2 AND offset IN (
            SELECT offset FROM stream_log WHERE key = ?1 AND sequence <= ?3 AND offset < ?4 ORDER BY sequence LIMIT ?5)
        """);

    /// <summary>Records of a queue within a span of offsets that are kept for no consumer.</summary>
    public static readonly SqlText TrimQueue = new(
        """
        DELETE FROM stream_log WHERE queue = ?1 AND offset IN (
            SELECT l.offset FROM stream_log l JOIN stream_keys k ON k.pk = l.key
            WHERE l.queue = ?1 AND l.offset >= ?2 AND l.offset < ?3 AND k.released IS NULL ORDER BY l.offset LIMIT ?4)
        """);

    /// <summary>Appends one record; used by the log and by the commit of outcomes.</summary>
    public static void Append(WriteSession session, StreamAppend item, StreamWriteRules rules)
    {
        var database = session.Database;
        if (!Next(database.Prepare(s_nextSequence).Bind(1, item.Namespace).Bind(2, item.Key), out var stream))
        {
            var insert = database.Prepare(s_insertKey).Bind(1, item.Namespace).Bind(2, item.Key)
                .Bind(3, (long)StreamQueues.QueueOf(item.Namespace, item.Key, rules.Queues))
                .Bind(4, rules.IsKept(item.Namespace) ? 0L : null);
            Next(insert, out stream);
        }

        long offset, appended;
        using (var next = database.Prepare(s_nextOffset))
        {
            next.Bind(1, stream.Queue).Bind(2, rules.Time.GetUtcNow().UtcDateTime).Step();
            (offset, appended) = (next.GetInt64(0), next.GetInt64(1));
        }

        database.Prepare(s_insert).Bind(1, stream.Queue).Bind(2, offset).Bind(3, stream.Pk).Bind(4, stream.Sequence).Bind(5, appended).Bind(6, item.Record.Span).Run();
        session.TouchedQueues.Add((int)stream.Queue);
    }

    public static List<StreamItem> ReadItems(SqliteStatement query)
    {
        var items = new List<StreamItem>();
        while (query.Step())
            items.Add(new StreamItem(query.GetInt32(0), query.GetInt64(1), query.GetText(2), query.GetText(3), query.GetInt64(4), query.GetTime(5), query.GetBytes(6)));
        return items;
    }

    public static StreamKeyState ReadState(SqliteStatement query) => new(query.GetText(0), query.GetInt64(1), query.GetInt64OrNull(2));

    private static bool Next(SqliteStatement statement, out (long Pk, long Queue, long Sequence) stream)
    {
        using (statement)
        {
            var found = statement.Step();
            stream = found ? (statement.GetInt64(0), statement.GetInt64(1), statement.GetInt64(2)) : default;
            return found;
        }
    }
}
