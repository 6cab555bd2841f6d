using OrleansMl.Storage.Embedded.Commit;
using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Logs;

/// <summary><see cref="IOutbox"/> on the embedded store.</summary>
internal sealed class EmbeddedOutbox(GroupCommitWriter writer, ReaderPool readers, TopicNotifier notifier) : IOutbox
{
    // Rows of one delete: other writers wait no longer than that.
    private const int TrimRows = 4_096;

    public event Action<string>? Appended
    {
        add => notifier.Appended += value;
        remove => notifier.Appended -= value;
    }

    public async ValueTask AppendAsync(IReadOnlyList<OutboxAppend> items, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(items);
        if (items.Count == 0)
            return;
        await writer.RunAsync(
            session =>
            {
                foreach (var item in items)
                    OutboxSql.Append(session, item);
                return true;
            },
            items.Count,
            cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<IReadOnlyList<OutboxItem>> ReadAsync(string topic, long afterOffset, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        using var query = lease.Database.Prepare(OutboxSql.Read);
        query.Bind(1, topic).Bind(2, afterOffset).Bind(3, (long)limit);
        var items = new List<OutboxItem>();
        while (query.Step())
            items.Add(new OutboxItem(query.GetInt64(0), query.GetBytes(1)));
        return new ValueTask<IReadOnlyList<OutboxItem>>(items);
    }

    public async ValueTask TrimAsync(string topic, long throughOffset, CancellationToken cancellationToken = default)
    {
        int removed;
        do
        {
            removed = await writer.RunAsync(
                session =>
                {
                    session.Database.Prepare(OutboxSql.Trim).Bind(1, topic).Bind(2, throughOffset).Bind(3, (long)TrimRows).Run();
                    return session.Database.Changes;
                },
                TrimRows / 4,
                cancellationToken).ConfigureAwait(false);
        }
        while (removed == TrimRows);
    }

    public ValueTask<IReadOnlyList<string>> ListTopicsAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        using var query = lease.Database.Prepare(OutboxSql.ListTopics);
        var topics = new List<string>();
        while (query.Step())
            topics.Add(query.GetText(0));
        return new ValueTask<IReadOnlyList<string>>(topics);
    }
}
