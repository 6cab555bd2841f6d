using OrleansMl.Storage.Embedded.Commit;
using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Logs;

/// <summary><see cref="IEntityLog"/> on the embedded store. Reads run on the caller's thread (see <see cref="ReaderPool"/>).</summary>
internal sealed class EmbeddedEntityLog(GroupCommitWriter writer, ReaderPool readers) : IEntityLog
{
    private readonly EntityTails _tails = new();
    private readonly RevisedKinds _revised = new();

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

        return writer.RunAsync(session => Append(session, entityKey, expectedLastSequence, records, StoredTime.ToTicks(created)), records.Count, cancellationToken);
    }

    public ValueTask<IReadOnlyList<LogEntry>> ReadAsync(string entityKey, long afterSequence, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        using var query = lease.Database.Prepare(EntityLogSql.Read);
        query.Bind(1, entityKey).Bind(2, afterSequence).Bind(3, (long)limit);
        var entries = new List<LogEntry>(Math.Min(limit, 64));
        while (query.Step())
            entries.Add(new LogEntry(query.GetInt64(0), (byte)query.GetInt32(1), query.GetText(2), query.GetText(3), query.GetTime(4), query.GetTime(5), query.GetInt32(6), query.GetBytes(7)));
        return new ValueTask<IReadOnlyList<LogEntry>>(entries);
    }

    public ValueTask<long> GetLastSequenceAsync(string entityKey, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        using var query = lease.Database.Prepare(EntityLogSql.FindEntity);
        query.Bind(1, entityKey);
        return new ValueTask<long>(query.Step() ? query.GetInt64(1) : 0);
    }

    public async ValueTask SaveSnapshotAsync(string entityKey, long sequence, string foldVersion, ReadOnlyMemory<byte> snapshot, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(entityKey);
        ArgumentException.ThrowIfNullOrEmpty(foldVersion);
        await writer.RunAsync(session => SaveSnapshot(session, entityKey, sequence, foldVersion, snapshot), 1, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<(long Sequence, byte[] Snapshot)?> LoadSnapshotAsync(string entityKey, string foldVersion, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        using var query = lease.Database.Prepare(EntityLogSql.LoadSnapshot);
        query.Bind(1, entityKey).Bind(2, foldVersion);
        return new ValueTask<(long, byte[])?>(query.Step() ? (query.GetInt64(0), query.GetBytes(1)) : null);
    }

    private LogAppendOutcome[] Append(WriteSession session, string entityKey, long expectedLastSequence, IReadOnlyList<LogAppend> records, long created)
    {
        var known = _tails.Find(session, entityKey);
        if ((known?.LastSequence ?? 0) != expectedLastSequence)
            throw new LogFencedException(entityKey, expectedLastSequence, known?.LastSequence ?? 0);
        var outcomes = new LogAppendOutcome[records.Count];
        if (outcomes.Length == 0)
            return outcomes;

        var tail = known ?? _tails.Create(session, entityKey);
        created = Math.Max(created, tail.LastCreated);
        var last = tail.LastSequence;
        for (var i = 0; i < outcomes.Length; i++)
        {
            var record = records[i];
            // An entity's first record can meet no other.
            if (_revised.Contains(session.Database, record) && last > 0 && FindEarlier(session.Database, tail.Pk, record) is { } earlier)
            {
                outcomes[i] = earlier;
                continue;
            }

            session.Database.Prepare(EntityLogSql.Insert)
                .Bind(1, tail.Pk).Bind(2, last + 1).Bind(3, (long)record.Kind).Bind(4, record.Id).Bind(5, record.Type)
                .Bind(6, record.EventTime).Bind(7, created).Bind(8, (long)record.Revision).Bind(9, record.Payload.Span)
                .Run();
            outcomes[i] = session.Database.Changes > 0
                ? new LogAppendOutcome(LogAppendStatus.Appended, ++last)
                : FindEarlier(session.Database, tail.Pk, record) ?? throw new InvalidOperationException($"The log of '{entityKey}' refuses record '{record.Id}', and does not hold it.");
        }

        if (last > tail.LastSequence)
            _tails.Move(session, entityKey, tail with { LastSequence = last, LastCreated = created });
        return outcomes;
    }

    /// <summary>What the log holds of the id at this revision, or else above it.</summary>
    private static LogAppendOutcome? FindEarlier(SqliteDatabase database, long entity, in LogAppend record)
    {
        using var query = database.Prepare(EntityLogSql.FindRecord);
        query.Bind(1, entity).Bind(2, (long)record.Kind).Bind(3, record.Id).Bind(4, (long)record.Revision);
        if (!query.Step())
            return null;
        var isSame = query.GetInt32(1) == record.Revision
            && (record.TimeIsStamped || query.GetInt64(3) == StoredTime.ToTicks(record.EventTime))
            && query.GetSpan(4).SequenceEqual(record.Payload.Span)
            && query.GetText(2) == record.Type;
        return new LogAppendOutcome(isSame ? LogAppendStatus.Duplicate : LogAppendStatus.Conflict, query.GetInt64(0));
    }

    private bool SaveSnapshot(WriteSession session, string entityKey, long sequence, string foldVersion, ReadOnlyMemory<byte> snapshot)
    {
        var known = _tails.Find(session, entityKey);
        if (sequence < 0 || sequence > (known?.LastSequence ?? 0))
            throw new ArgumentOutOfRangeException(nameof(sequence), sequence, $"The log of '{entityKey}' ends at {known?.LastSequence ?? 0}: a snapshot cannot stand for more.");
        if (known is not { } tail)
            return false;
        session.Database.Prepare(EntityLogSql.SaveSnapshot).Bind(1, tail.Pk).Bind(2, sequence).Bind(3, foldVersion).Bind(4, snapshot.Span).Run();
        return true;
    }
}
