using OrleansMl.Storage.Embedded.Commit;
using OrleansMl.Storage.Embedded.Logs;
using OrleansMl.Storage.Embedded.Sqlite;
using OrleansMl.Storage.Embedded.Streams;

namespace OrleansMl.Storage.Embedded.Monitoring;

/// <summary><see cref="IMonitoringStore"/> on the embedded store.</summary>
internal sealed class EmbeddedMonitoringStore(GroupCommitWriter writer, ReaderPool readers, StreamWriteRules streams) : IMonitoringStore
{
    private const string Columns = "sequence, model, id, monitor, raised, ended, document, acknowledged, acknowledged_by, note";

    private static readonly SqlText s_lastPrediction = new("SELECT pk FROM predictions INDEXED BY predictions_feed WHERE model = ?1 ORDER BY pk DESC LIMIT 1");

    private static readonly SqlText s_lastLabelled = new(
        "SELECT label_sequence FROM predictions INDEXED BY predictions_label_order WHERE model = ?1 AND label_sequence IS NOT NULL ORDER BY label_sequence DESC LIMIT 1");

    private static readonly SqlText s_readPredictions = new(
        $"{PredictionSql.SelectWith("p.pk", "predictions_feed")} WHERE p.model = ?1 AND p.pk > ?2 ORDER BY p.pk LIMIT ?3");

    private static readonly SqlText s_readLabelled = new(
        $"""
        {PredictionSql.SelectWith("p.label_sequence", "predictions_label_order")}
        WHERE p.model = ?1 AND p.label_sequence IS NOT NULL AND p.label_sequence > ?2 ORDER BY p.label_sequence LIMIT ?3
        """);

    private static readonly SqlText s_raise = new(
        "INSERT INTO alarms (model, id, monitor, raised, document) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (model, id) DO NOTHING");

    private static readonly SqlText s_end = new("UPDATE alarms SET ended = ?3 WHERE model = ?1 AND id = ?2 AND ended IS NULL");

    private static readonly SqlText s_find = new($"SELECT {Columns} FROM alarms WHERE model = ?1 AND id = ?2");

    private static readonly SqlText s_list = new(
        $"""
        SELECT {Columns} FROM alarms INDEXED BY alarms_model
        WHERE model = ?1 AND (?2 IS NULL OR sequence < ?2) AND (?3 IS NULL OR monitor = ?3) AND (?4 IS NULL OR raised >= ?4)
            AND (?5 IS NULL OR raised < ?5) AND (?6 IS NULL OR (ended IS NOT NULL) = ?6)
        ORDER BY sequence DESC LIMIT ?7
        """);

    private static readonly SqlText s_acknowledge = new(
        "UPDATE alarms SET acknowledged = ?3, acknowledged_by = ?4, note = ?5 WHERE model = ?1 AND id = ?2 AND acknowledged IS NULL");

    public ValueTask<FeedEnds> GetEndsAsync(string model, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        return new ValueTask<FeedEnds>(new FeedEnds(Last(s_lastPrediction), Last(s_lastLabelled)));

        long Last(SqlText sql)
        {
            using var query = lease.Database.Prepare(sql);
            return query.Bind(1, model).Step() ? query.GetInt64(0) : 0;
        }
    }

    public ValueTask<IReadOnlyList<FedPrediction>> ReadPredictionsAsync(string model, long after, int limit, CancellationToken cancellationToken = default) =>
        ReadAsync(s_readPredictions, model, after, limit, cancellationToken);

    public ValueTask<IReadOnlyList<FedPrediction>> ReadLabelledAsync(string model, long after, int limit, CancellationToken cancellationToken = default) =>
        ReadAsync(s_readLabelled, model, after, limit, cancellationToken);

    public async ValueTask CommitAlarmsAsync(
        IReadOnlyList<(AlarmRow Alarm, StreamAppend Record)> raised,
        IReadOnlyList<(AlarmEnd End, StreamAppend Record)> ended,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(raised);
        ArgumentNullException.ThrowIfNull(ended);
        if (raised.Count == 0 && ended.Count == 0)
            return;
        await writer.RunAsync(
            session =>
            {
                foreach (var (alarm, record) in raised)
                {
                    session.Database.Prepare(s_raise).Bind(1, alarm.Model).Bind(2, alarm.Id).Bind(3, alarm.Monitor).Bind(4, alarm.Raised).Bind(5, alarm.Document.Span).Run();
                    Tell(session, record);
                }

                foreach (var (end, record) in ended)
                {
                    session.Database.Prepare(s_end).Bind(1, end.Model).Bind(2, end.Id).Bind(3, end.Ended).Run();
                    Tell(session, record);
                }

                return true;
            },
            2 * (raised.Count + ended.Count),
            cancellationToken).ConfigureAwait(false);

        void Tell(WriteSession session, StreamAppend record)
        {
            if (session.Database.Changes > 0)
                StreamSql.Append(session, record, streams);
        }
    }

    public ValueTask<AlarmRow?> FindAlarmAsync(string model, string id, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        return new ValueTask<AlarmRow?>(Find(lease.Database, model, id));
    }

    public ValueTask<IReadOnlyList<AlarmRow>> ListAlarmsAsync(AlarmFilter filter, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        using var query = lease.Database.Prepare(s_list);
        query.Bind(1, filter.Model).Bind(2, filter.Before).Bind(3, filter.Monitor).Bind(4, filter.From).Bind(5, filter.To)
            .Bind(6, filter.IsEnded is { } ended ? (ended ? 1L : 0L) : (long?)null).Bind(7, (long)limit);
        var rows = new List<AlarmRow>();
        while (query.Step())
            rows.Add(Read(query));
        return new ValueTask<IReadOnlyList<AlarmRow>>(rows);
    }

    public async ValueTask<AlarmRow?> AcknowledgeAsync(string model, string id, string by, string? note, DateTime at, CancellationToken cancellationToken = default) =>
        await writer.RunAsync(
            session =>
            {
                session.Database.Prepare(s_acknowledge).Bind(1, model).Bind(2, id).Bind(3, at).Bind(4, by).Bind(5, note).Run();
                return Find(session.Database, model, id);
            },
            1,
            cancellationToken).ConfigureAwait(false);

    private static AlarmRow? Find(SqliteDatabase database, string model, string id)
    {
        using var query = database.Prepare(s_find);
        return query.Bind(1, model).Bind(2, id).Step() ? Read(query) : null;
    }

    private static AlarmRow Read(SqliteStatement row) => new()
    {
        Sequence = row.GetInt64(0),
        Model = row.GetText(1),
        Id = row.GetText(2),
        Monitor = row.GetText(3),
        Raised = row.GetTime(4),
        Ended = row.GetTimeOrNull(5),
        Document = row.GetBytes(6),
        Acknowledged = row.GetTimeOrNull(7),
        AcknowledgedBy = row.GetTextOrNull(8),
        Note = row.GetTextOrNull(9),
    };

    private ValueTask<IReadOnlyList<FedPrediction>> ReadAsync(SqlText sql, string model, long after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = readers.Rent();
        using var query = lease.Database.Prepare(sql);
        query.Bind(1, model).Bind(2, after).Bind(3, (long)limit);
        var rows = new List<FedPrediction>();
        while (query.Step())
            rows.Add(new FedPrediction(query.GetInt64(PredictionSql.Extra), PredictionRows.Read(query)));
        return new ValueTask<IReadOnlyList<FedPrediction>>(rows);
    }
}
