using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Logs;

/// <summary>Predictions and outcomes to rows and back.</summary>
internal static class PredictionRows
{
    public static PredictionRecord Read(SqliteStatement row) => new()
    {
        PredictionId = row.GetText(0),
        Model = row.GetText(1),
        Version = row.GetInt32(2),
        LearnerRevision = row.GetInt64OrNull(3),
        EntityKey = row.GetText(4),
        Target = row.GetText(5),
        Subject = row.GetText(6),
        Time = row.GetTime(7),
        Created = row.GetTime(8),
        WindowEnd = row.GetTimeOrNull(9),
        ClosesByEventTime = row.GetInt32(24) != 0,
        RequestId = row.GetTextOrNull(10),
        Score = row.GetDoubleOrNull(11),
        Propensity = row.GetDoubleOrNull(12),
        Sequence = row.GetInt64(13),
        Lineage = row.GetInt32(14),
        Vector = row.GetBytes(15),
        Response = row.GetBytes(16),
        State = (PredictionState)row.GetInt32(17),
        Label = row.GetDoubleOrNull(18),
        OutcomeId = row.GetTextOrNull(19),
        OutcomeSource = row.GetTextOrNull(20),
        OutcomeRevision = row.GetInt32(21),
        OutcomeTime = row.GetTimeOrNull(22),
        LabelledAt = row.GetTimeOrNull(23),
        Decision = row.GetBytes(25) is { Length: > 0 } decision ? decision : ReadOnlyMemory<byte>.Empty,
    };

    public static List<PredictionRecord> ReadAll(SqliteStatement query)
    {
        var records = new List<PredictionRecord>();
        while (query.Step())
            records.Add(Read(query));
        return records;
    }

    /// <summary>Those that are meant, and no row more than it takes to find so many of them.</summary>
    public static List<PredictionRecord> Read(SqliteStatement query, Func<PredictionRecord, bool> isMeant, int limit)
    {
        var records = new List<PredictionRecord>();
        while (records.Count < limit && query.Step())
        {
            var record = Read(query);
            if (isMeant(record))
                records.Add(record);
        }

        return records;
    }

    public static void Insert(SqliteDatabase database, PredictionRecord record)
    {
        database.Prepare(PredictionSql.Insert)
            .Bind(1, record.PredictionId).Bind(2, record.Model).Bind(3, (long)record.Version).Bind(4, record.LearnerRevision)
            .Bind(5, record.EntityKey).Bind(6, record.Target).Bind(7, record.Subject)
            .Bind(8, record.Time).Bind(9, record.Created).Bind(10, record.WindowEnd).Bind(11, record.RequestId)
            .Bind(12, record.Score).Bind(13, record.Propensity).Bind(14, record.Sequence).Bind(15, (long)record.Lineage)
            .Bind(16, (long)record.State).Bind(17, record.Label).Bind(18, record.OutcomeId).Bind(19, record.OutcomeSource)
            .Bind(20, (long)record.OutcomeRevision).Bind(21, record.OutcomeTime).Bind(22, record.LabelledAt)
            .Bind(23, record.ClosesByEventTime ? 1L : 0L)
            .Run();
        var key = database.LastInsertRowId;
        database.Prepare(PredictionSql.InsertBytes)
            .Bind(1, key).Bind(2, record.Vector.Span).Bind(3, record.Response.Span)
            .Run();
        if (!record.Decision.IsEmpty)
            database.Prepare(PredictionSql.InsertDecision).Bind(1, key).Bind(2, record.Decision.Span).Run();
    }

    public static OutcomeEntry ReadOutcome(SqliteStatement row) => new()
    {
        EntityKey = row.GetText(0),
        OutcomeId = row.GetText(1),
        Revision = row.GetInt32(2),
        Target = row.GetText(3),
        Subject = row.GetText(4),
        PredictionId = row.GetTextOrNull(5),
        Time = row.GetTime(6),
        Value = row.GetDouble(7),
        Source = row.GetText(8),
        Created = row.GetTime(9),
        PendingUntil = row.GetTimeOrNull(10),
        Status = (byte)row.GetInt32(11),
        ContentHash = row.GetBytes(12),
    };

    public static void PutOutcome(SqliteDatabase database, OutcomeEntry entry)
        => database.Prepare(PredictionSql.PutOutcome)
            .Bind(1, entry.EntityKey).Bind(2, entry.OutcomeId).Bind(3, (long)entry.Revision).Bind(4, entry.Target).Bind(5, entry.Subject)
            .Bind(6, entry.PredictionId).Bind(7, entry.Time).Bind(8, entry.Value).Bind(9, entry.Source).Bind(10, entry.Created)
            .Bind(11, entry.PendingUntil).Bind(12, (long)entry.Status).Bind(13, entry.ContentHash.Span)
            .Run();
}
