using OrleansMl.Storage.Embedded.Commit;
using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Logs;

internal static class OutboxSql
{
    // The counter lives with the topic, not with its items: an offset is never used again, whatever was trimmed.
    private static readonly SqlText s_nextOffset = new(
        """
        INSERT INTO topics (name, last_offset) VALUES (?1, 1)
        ON CONFLICT (name) DO UPDATE SET last_offset = last_offset + 1 RETURNING pk, last_offset
        """);

    private static readonly SqlText s_insert = new("INSERT INTO outbox (topic, offset, payload) VALUES (?1, ?2, ?3)");

    public static readonly SqlText Read = new(
        """
        SELECT offset, payload FROM outbox
        WHERE topic = (SELECT pk FROM topics WHERE name = ?1) AND offset > ?2 ORDER BY offset LIMIT ?3
        """);

    public static readonly SqlText Trim = new(
        """
        DELETE FROM outbox WHERE topic = (SELECT pk FROM topics WHERE name = ?1) AND offset IN (
            SELECT offset FROM outbox WHERE topic = (SELECT pk FROM topics WHERE name = ?1) AND offset <= ?2 ORDER BY offset LIMIT ?3)
        """);

    public static readonly SqlText ListTopics = new(
        "SELECT name FROM topics WHERE EXISTS (SELECT 1 FROM outbox WHERE topic = topics.pk) ORDER BY name");

    /// <summary>Appends one item; used by the outbox and by the commit of outcomes.</summary>
    public static void Append(WriteSession session, OutboxAppend item)
    {
        long topic, offset;
        using (var next = session.Database.Prepare(s_nextOffset))
        {
            next.Bind(1, item.Topic).Step();
            topic = next.GetInt64(0);
            offset = next.GetInt64(1);
        }

        session.Database.Prepare(s_insert).Bind(1, topic).Bind(2, offset).Bind(3, item.Payload.Span).Run();
        session.TouchedTopics.Add(item.Topic);
    }
}
