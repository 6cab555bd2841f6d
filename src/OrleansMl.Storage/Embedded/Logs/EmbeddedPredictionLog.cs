using OrleansMl.Storage.Embedded.Commit;
using OrleansMl.Storage.Embedded.Sqlite;
using OrleansMl.Storage.Embedded.Streams;

namespace OrleansMl.Storage.Embedded.Logs;

/// <summary>
/// <see cref="IPredictionLog"/> on the embedded store. Reads by key run on the caller's thread (see <see cref="ReaderPool"/>);
/// listings, which may scan, on the thread pool.
/// </summary>
internal sealed class EmbeddedPredictionLog(GroupCommitWriter writer, ReaderPool readers, StreamWriteRules streams) : IPredictionLog
{
    public async ValueTask<PredictionAppend> AppendAsync(PredictionRecord record, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentException.ThrowIfNullOrEmpty(record.PredictionId);
        ArgumentException.ThrowIfNullOrEmpty(record.Model);
        return await writer.RunAsync(session => Append(session.Database, record), 2, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<PredictionRecord?> FindAsync(string predictionId, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        return new ValueTask<PredictionRecord?>(Find(lease.Database, predictionId));
    }

    public ValueTask<PredictionRecord?> FindByRequestAsync(string model, string requestId, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        return new ValueTask<PredictionRecord?>(FindByRequest(lease.Database, model, requestId));
    }

    public async ValueTask<IReadOnlyList<PredictionRecord>> ListAsync(PredictionFilter filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return await Task.Run(
            () =>
            {
                using var lease = readers.Rent();
                return PredictionListing.Run(lease.Database, filter);
            },
            cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<IReadOnlyList<PredictionRecord>> ListOpenAsync(string entityKey, string target, string? subject, CancellationToken cancellationToken = default)
        => List(PredictionSql.ListOpen, query => query.Bind(1, entityKey).Bind(2, target).Bind(3, subject), cancellationToken);

    public ValueTask<IReadOnlyList<PredictionRecord>> ListClosedAtAsync(string entityKey, string target, string? subject, DateTime time, CancellationToken cancellationToken = default)
        => List(PredictionSql.ListClosedAt, query => query.Bind(1, entityKey).Bind(2, target).Bind(3, subject).Bind(4, time), cancellationToken);

    public ValueTask<IReadOnlyList<PredictionRecord>> ListLabelledAtAsync(string entityKey, string target, string? subject, DateTime time, CancellationToken cancellationToken = default)
        => List(PredictionSql.ListLabelledAt, query => query.Bind(1, entityKey).Bind(2, target).Bind(3, subject).Bind(4, time), cancellationToken);

    public ValueTask<IReadOnlyList<LabelStatement>> ListLabelsAsync(string entityKey, string predictionId, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        using var query = lease.Database.Prepare(LabelRows.List);
        query.Bind(1, entityKey).Bind(2, predictionId);
        var labels = new List<LabelStatement>();
        while (query.Step())
            labels.Add(LabelRows.Read(query));
        return new ValueTask<IReadOnlyList<LabelStatement>>(labels);
    }

    public ValueTask<IReadOnlyList<PredictionRecord>> ListLabelledByAsync(string entityKey, string outcomeId, CancellationToken cancellationToken = default)
        => List(PredictionSql.ListLabelledBy, query => query.Bind(1, entityKey).Bind(2, outcomeId), cancellationToken);

    public ValueTask<IReadOnlyList<PredictionRecord>> ListDueAsync(string? entityKey, DateTime windowEndAtOrBefore, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return entityKey is null
            ? List(PredictionSql.ListDue, query => query.Bind(1, windowEndAtOrBefore).Bind(2, (long)limit), cancellationToken)
            : List(PredictionSql.ListDueOfEntity, query => query.Bind(1, windowEndAtOrBefore).Bind(2, (long)limit).Bind(3, entityKey), cancellationToken);
    }

    public ValueTask<OutcomeEntry?> FindOutcomeAsync(string entityKey, string outcomeId, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        using var query = lease.Database.Prepare(PredictionSql.FindOutcome);
        query.Bind(1, entityKey).Bind(2, outcomeId);
        return new ValueTask<OutcomeEntry?>(query.Step() ? PredictionRows.ReadOutcome(query) : null);
    }

    public ValueTask<IReadOnlyList<OutcomeEntry>> ListPendingAsync(string entityKey, string target, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        using var query = lease.Database.Prepare(PredictionSql.ListPending);
        query.Bind(1, entityKey).Bind(2, target);
        var entries = new List<OutcomeEntry>();
        while (query.Step())
            entries.Add(PredictionRows.ReadOutcome(query));
        return new ValueTask<IReadOnlyList<OutcomeEntry>>(entries);
    }

    public async ValueTask CommitAsync(IReadOnlyList<OutcomeEntry> outcomes, IReadOnlyList<OutcomeChange> changes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        ArgumentNullException.ThrowIfNull(changes);
        if (outcomes.Count == 0 && changes.Count == 0)
            return;
        await writer.RunAsync(session => Commit(session, outcomes, changes, streams), outcomes.Count + (2 * changes.Count), cancellationToken).ConfigureAwait(false);
    }

    private static PredictionAppend Append(SqliteDatabase database, PredictionRecord record)
    {
        var earlier = record.RequestId is { } request ? FindByRequest(database, record.Model, request) : null;
        // The same id again is a resend after a lost answer.
        earlier ??= Find(database, record.PredictionId);
        if (earlier is null)
            PredictionRows.Insert(database, record);
        var stored = earlier ?? record;
        return new PredictionAppend(stored, earlier is not null, HasPending(database, stored));
    }

    private static bool HasPending(SqliteDatabase database, PredictionRecord record)
    {
        if (record.Target.Length == 0)
            return false;
        using var query = database.Prepare(PredictionSql.AnyPending);
        return query.Bind(1, record.EntityKey).Bind(2, record.Target).Step();
    }

    private static PredictionRecord? Find(SqliteDatabase database, string predictionId)
    {
        using var query = database.Prepare(PredictionSql.Find);
        return query.Bind(1, predictionId).Step() ? PredictionRows.Read(query) : null;
    }

    private static PredictionRecord? FindByRequest(SqliteDatabase database, string model, string requestId)
    {
        using var query = database.Prepare(PredictionSql.FindByRequest);
        return query.Bind(1, model).Bind(2, requestId).Step() ? PredictionRows.Read(query) : null;
    }

    private static bool Commit(WriteSession session, IReadOnlyList<OutcomeEntry> outcomes, IReadOnlyList<OutcomeChange> changes, StreamWriteRules streams)
    {
        foreach (var outcome in outcomes)
        {
            RequireReplaceable(session.Database, outcome);
            PredictionRows.PutOutcome(session.Database, outcome);
            foreach (var example in outcome.Examples)
                StreamSql.Append(session, example, streams);
        }

        foreach (var change in changes)
        {
            session.Database.Prepare(PredictionSql.Change)
                .Bind(1, change.PredictionId).Bind(2, (long)change.ExpectedState).Bind(3, (long)change.ExpectedRevision)
                .Bind(4, (long)change.State).Bind(5, change.Label).Bind(6, change.OutcomeId).Bind(7, change.Source)
                .Bind(8, (long)change.Revision).Bind(9, change.OutcomeTime).Bind(10, change.LabelledAt)
                .Run();
            if (session.Database.Changes == 0)
                throw new JoinConflictException(change.PredictionId);
            foreach (var label in change.Labels)
                LabelRows.Put(session.Database, change.PredictionId, label);
            if (change.Example is { } example)
                StreamSql.Append(session, example, streams);
            if (change.Rollout is { } rollout)
                StreamSql.Append(session, rollout, streams);
        }

        return true;
    }

    private static void RequireReplaceable(SqliteDatabase database, OutcomeEntry outcome)
    {
        using var query = database.Prepare(PredictionSql.OutcomeRevision);
        if (!query.Bind(1, outcome.EntityKey).Bind(2, outcome.OutcomeId).Step())
            return;
        var stored = query.GetInt32(0);
        if (stored > outcome.Revision || (stored == outcome.Revision && !query.GetSpan(1).SequenceEqual(outcome.ContentHash.Span)))
            throw new JoinConflictException(outcome.OutcomeId, outcome.Revision, stored);
    }

    private ValueTask<IReadOnlyList<PredictionRecord>> List(SqlText sql, Action<SqliteStatement> bind, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        using var query = lease.Database.Prepare(sql);
        bind(query);
        return new ValueTask<IReadOnlyList<PredictionRecord>>(PredictionRows.ReadAll(query));
    }
}
