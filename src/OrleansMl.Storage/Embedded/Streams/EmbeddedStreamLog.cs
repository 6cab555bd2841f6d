using OrleansMl.Storage.Embedded.Commit;
using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Streams;

/// <summary><see cref="IStreamLog"/> on the embedded store.</summary>
internal sealed class EmbeddedStreamLog(GroupCommitWriter writer, ReaderPool readers, QueueSignals signals, StreamWriteRules rules, StreamTrimmer trimmer) : IStreamLog
{
    public int Queues => rules.Queues;

    public async ValueTask AppendAsync(IReadOnlyList<StreamAppend> records, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        if (records.Count == 0)
            return;
        await writer.RunAsync(
            session =>
            {
                foreach (var record in records)
                    StreamSql.Append(session, record, rules);
                return true;
            },
            records.Count,
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<StreamItem>> ReadAsync(int queue, long fromOffset, int limit, TimeSpan wait, CancellationToken cancellationToken = default)
    {
        RequireQueue(queue);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        cancellationToken.ThrowIfCancellationRequested();
        if (wait <= TimeSpan.Zero)
            return Read(queue, fromOffset, limit);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(wait);
        while (true)
        {
            // Before the look, so that no append falls between the two.
            var append = signals.NextAppend(queue);
            var items = Read(queue, fromOffset, limit);
            if (items.Count > 0)
                return items;
            await append.WaitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            if (patience.IsCancellationRequested)
                return [];
        }
    }

    public ValueTask<IReadOnlyList<StreamItem>> ReadStreamAsync(string @namespace, string key, long afterSequence, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        using var query = lease.Database.Prepare(StreamSql.ReadStream);
        return new ValueTask<IReadOnlyList<StreamItem>>(StreamSql.ReadItems(query.Bind(1, @namespace).Bind(2, key).Bind(3, afterSequence).Bind(4, (long)limit)));
    }

    public ValueTask<StreamQueueState> GetQueueAsync(int queue, CancellationToken cancellationToken = default)
    {
        RequireQueue(queue);
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        using var query = lease.Database.Prepare(StreamSql.GetQueue);
        query.Bind(1, (long)queue).Step();
        return new ValueTask<StreamQueueState>(new StreamQueueState(query.GetInt64(0), query.GetInt64(1)));
    }

    public ValueTask<StreamKeyState> GetStreamAsync(string @namespace, string key, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        using var query = lease.Database.Prepare(StreamSql.GetStream);
        return new ValueTask<StreamKeyState>(query.Bind(1, @namespace).Bind(2, key).Step()
            ? StreamSql.ReadState(query)
            : new StreamKeyState(key, 0, rules.IsKept(@namespace) ? 0 : null));
    }

    public ValueTask<IReadOnlyList<StreamKeyState>> ListHeldAsync(string @namespace, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        using var query = lease.Database.Prepare(StreamSql.ListHeld);
        query.Bind(1, @namespace);
        var streams = new List<StreamKeyState>();
        while (query.Step())
            streams.Add(StreamSql.ReadState(query));
        return new ValueTask<IReadOnlyList<StreamKeyState>>(streams);
    }

    public async ValueTask StorePositionAsync(int queue, long nextOffset, CancellationToken cancellationToken = default)
    {
        RequireQueue(queue);
        await RunAsync(StreamSql.StorePosition, s => s.Bind(1, (long)queue).Bind(2, nextOffset), cancellationToken).ConfigureAwait(false);
        trimmer.Arm();
    }

    public async ValueTask RewindAsync(int queue, long toOffset, CancellationToken cancellationToken = default)
    {
        RequireQueue(queue);
        await RunAsync(StreamSql.Rewind, s => s.Bind(1, (long)queue).Bind(2, toOffset), cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask RewindAsync(int queue, DateTime toTime, CancellationToken cancellationToken = default)
    {
        RequireQueue(queue);
        await writer.RunAsync(
            session =>
            {
                var offset = StreamTimes.FirstOffsetAt(session.Database, queue, toTime);
                session.Database.Prepare(StreamSql.Rewind).Bind(1, (long)queue).Bind(2, offset).Run();
                return true;
            },
            1,
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask ReleaseAsync(string @namespace, string key, long throughSequence, CancellationToken cancellationToken = default)
    {
        await RunAsync(StreamSql.Release, s => s.Bind(1, @namespace).Bind(2, key).Bind(3, throughSequence), cancellationToken).ConfigureAwait(false);
        trimmer.Arm();
    }

    public ValueTask<long> TrimAsync(CancellationToken cancellationToken = default) => trimmer.TrimAsync(cancellationToken);

    private async ValueTask RunAsync(SqlText sql, Action<SqliteStatement> bind, CancellationToken cancellationToken) => await writer.RunAsync(
        session =>
        {
            var statement = session.Database.Prepare(sql);
            bind(statement);
            statement.Run();
            return true;
        },
        1,
        cancellationToken).ConfigureAwait(false);

    private List<StreamItem> Read(int queue, long fromOffset, int limit)
    {
        using var lease = readers.Rent();
        using var query = lease.Database.Prepare(StreamSql.ReadQueue);
        return StreamSql.ReadItems(query.Bind(1, (long)queue).Bind(2, fromOffset).Bind(3, (long)limit));
    }

    private void RequireQueue(int queue)
    {
        if (queue < 0 || queue >= rules.Queues)
            throw new ArgumentOutOfRangeException(nameof(queue), queue, $"The log has {rules.Queues} queues, from 0 on.");
    }
}
