using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Streams;

/// <summary>
/// From schema 1 to 2: examples that lay in the outbox become records of the streams of their models. An offset in a topic
/// becomes the sequence in the stream, so that what a trainer has stored keeps its meaning. A record's bytes stay as they
/// were: the payload without an envelope.
/// </summary>
internal static class OutboxUpgrade
{
    private const string Namespace = "examples";

    public static void Run(SqliteDatabase database, StreamWriteRules rules)
    {
        foreach (var topic in ReadTopics(database))
            Move(database, topic, rules);
        database.Execute("DROP TABLE outbox; DROP TABLE topics;");
    }

    private static List<Topic> ReadTopics(SqliteDatabase database)
    {
        // What was trimmed from a topic is durable with its trainer; of an empty one that is all.
        var query = database.Compile(
            $"""
            SELECT pk, substr(name, {Namespace.Length + 2}), last_offset, coalesce((SELECT min(offset) - 1 FROM outbox WHERE topic = pk), last_offset)
            FROM topics WHERE name LIKE '{Namespace}/%' ORDER BY pk
            """);
        try
        {
            var topics = new List<Topic>();
            while (query.Step())
                topics.Add(new Topic(query.GetInt64(0), query.GetText(1), query.GetInt64(2), query.GetInt64(3)));
            return topics;
        }
        finally
        {
            query.Close();
        }
    }

    private static void Move(SqliteDatabase database, Topic topic, StreamWriteRules rules)
    {
        var queue = StreamQueues.QueueOf(Namespace, topic.Model, rules.Queues);
        Run(
            database,
            "INSERT INTO stream_keys (pk, namespace, key, queue, last_sequence, released) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            s => s.Bind(1, topic.Pk).Bind(2, Namespace).Bind(3, topic.Model).Bind(4, (long)queue).Bind(5, topic.LastOffset).Bind(6, topic.Trimmed));
        Run(
            database,
            """
            INSERT INTO stream_log (queue, offset, key, sequence, appended, record)
            SELECT ?1, q.next_offset + row_number() OVER (ORDER BY o.offset) - 1, ?2, o.offset, ?3, o.payload
            FROM outbox o JOIN stream_queues q ON q.queue = ?1 WHERE o.topic = ?2
            """,
            s => s.Bind(1, (long)queue).Bind(2, topic.Pk).Bind(3, rules.Time.GetUtcNow().UtcDateTime));
        Run(
            database,
            "UPDATE stream_queues SET next_offset = next_offset + ?2, last_appended = ?3 WHERE queue = ?1",
            s => s.Bind(1, (long)queue).Bind(2, (long)database.Changes).Bind(3, rules.Time.GetUtcNow().UtcDateTime));
    }

    private static void Run(SqliteDatabase database, string sql, Action<SqliteStatement> bind)
    {
        var statement = database.Compile(sql);
        try
        {
            bind(statement);
            statement.Step();
        }
        finally
        {
            statement.Close();
        }
    }

    private sealed record Topic(long Pk, string Model, long LastOffset, long Trimmed);
}
