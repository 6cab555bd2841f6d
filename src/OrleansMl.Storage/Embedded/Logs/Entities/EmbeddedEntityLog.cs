using OrleansMl.Storage.Embedded.Commit;
using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Logs.Entities;

/// <summary>
/// <see cref="IEntityLog"/> on the embedded store. An append goes into a segment, with all others of its commit; the records
/// of an entity move into pages later, many at once. So an event costs its bytes, where a row and an index entry would cost
/// two pages of the file. Reads run on the caller's thread (see <see cref="ReaderPool"/>): pages first, then what is in
/// segments only, of which memory holds a copy.
/// </summary>
internal sealed class EmbeddedEntityLog(GroupCommitWriter writer, ReaderPool readers, EntityDirectory directory, EntityLogStage stage) : IEntityLog
{

    public ValueTask<LogAppendOutcome[]> AppendAsync(string entityKey, long expectedLastSequence, IReadOnlyList<LogAppend> records, DateTime created, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(entityKey);
        ArgumentNullException.ThrowIfNull(records);
        for (var i = 0; i < records.Count; i++)
        {
            var record = records[i];
            if (string.IsNullOrEmpty(record.Id))
                throw new ArgumentException($"A record of '{entityKey}' has no id. Every record needs one: it makes a resend harmless.", nameof(records));
            if (record.Type is null)
                throw new ArgumentException($"Record '{record.Id}' of '{entityKey}' has no type; leave it empty, not null.", nameof(records));
            ArgumentOutOfRangeException.ThrowIfNegative(record.Revision, nameof(records));
        }

        var encoded = LogRecordCodec.Encode(records);
        return writer.RunAsync(session => Append(session.Database, entityKey, expectedLastSequence, records, encoded, StoredTime.ToTicks(created)), records.Count, cancellationToken);
    }

    public ValueTask<IReadOnlyList<LogEntry>> ReadAsync(string entityKey, long afterSequence, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        cancellationToken.ThrowIfCancellationRequested();
        readers.ThrowIfDisposed();
        // First what is not in pages: what moves meanwhile is found there too, and passed over.
        var pending = stage.PendingOf(entityKey);
        var first = long.MaxValue;
        var chunks = pending is null ? [] : pending.After(afterSequence, limit, out first);
        var entries = new List<LogEntry>(Math.Min(limit, 64));
        if (afterSequence + 1 < first)
        {
            using var lease = readers.Rent();
            if ((pending?.Pk ?? FindPk(lease.Database, entityKey)) is { } pk)
                LogPages.Read(lease.Database, pk, afterSequence, first, limit, entries);
        }

        foreach (var chunk in chunks)
            LogPages.ReadChunk(chunk.Records.Span, chunk.First, chunk.Count, chunk.Created, afterSequence, long.MaxValue, limit, entries);
        return new ValueTask<IReadOnlyList<LogEntry>>(entries);
    }

    public ValueTask<long> GetLastSequenceAsync(string entityKey, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        readers.ThrowIfDisposed();
        if (stage.PendingOf(entityKey)?.Last is > 0 and var last)
            return new ValueTask<long>(last);
        using var lease = readers.Rent();
        using var query = lease.Database.Prepare(EntityLogSql.FindEntity);
        query.Bind(1, entityKey);
        return new ValueTask<long>(query.Step() ? query.GetInt64(1) : 0);
    }

    public async ValueTask SaveSnapshotAsync(string entityKey, long sequence, string foldVersion, ReadOnlyMemory<byte> snapshot, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(entityKey);
        ArgumentException.ThrowIfNullOrEmpty(foldVersion);
        await writer.RunAsync(session => SaveSnapshot(session.Database, entityKey, sequence, foldVersion, snapshot), 1, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<(long Sequence, byte[] Snapshot)?> LoadSnapshotAsync(string entityKey, string foldVersion, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        if ((stage.PendingOf(entityKey)?.Pk ?? FindPk(lease.Database, entityKey)) is not { } pk)
            return new ValueTask<(long, byte[])?>((ValueTuple<long, byte[]>?)null);
        using var query = lease.Database.Prepare(EntityLogSql.LoadSnapshot);
        query.Bind(1, pk).Bind(2, foldVersion);
        return new ValueTask<(long, byte[])?>(query.Step() ? (query.GetInt64(0), query.GetBytes(1)) : null);
    }

    private static long? FindPk(SqliteDatabase database, string entityKey)
    {
        using var query = database.Prepare(EntityLogSql.FindEntity);
        return query.Bind(1, entityKey).Step() ? query.GetInt64(0) : null;
    }

    private LogAppendOutcome[] Append(SqliteDatabase database, string entityKey, long expectedLastSequence, IReadOnlyList<LogAppend> records, EncodedRecords encoded, long created)
    {
        var state = directory.Find(database, entityKey);
        if ((state?.LastSequence ?? 0) != expectedLastSequence)
            throw new LogFencedException(entityKey, expectedLastSequence, state?.LastSequence ?? 0);
        var outcomes = new LogAppendOutcome[records.Count];
        if (outcomes.Length == 0)
            return outcomes;

        state ??= directory.Create(database, entityKey);
        var append = new LogAppending(database, state, encoded);
        var mark = state.Ids.Count;
        try
        {
            for (var i = 0; i < outcomes.Length; i++)
                outcomes[i] = append.Take(i, records[i]);
        }
        catch
        {
            state.Ids.Truncate(mark);
            throw;
        }

        if (append.Count > 0)
            stage.Add(state, append.ToChunk(Math.Max(created, state.LastCreated)), mark);
        return outcomes;
    }

    private bool SaveSnapshot(SqliteDatabase database, string entityKey, long sequence, string foldVersion, ReadOnlyMemory<byte> snapshot)
    {
        var state = directory.Find(database, entityKey);
        if (sequence < 0 || sequence > (state?.LastSequence ?? 0))
            throw new ArgumentOutOfRangeException(nameof(sequence), sequence, $"The log of '{entityKey}' ends at {state?.LastSequence ?? 0}: a snapshot cannot stand for more.");
        if (state is null or { LastSequence: 0 })
            return false;
        database.Prepare(EntityLogSql.SaveSnapshot).Bind(1, state.Pk).Bind(2, sequence).Bind(3, foldVersion).Bind(4, snapshot.Span).Run();
        return true;
    }
}
