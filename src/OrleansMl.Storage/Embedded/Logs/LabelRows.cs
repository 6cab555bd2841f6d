using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Logs;

/// <summary>
/// Labels that came for predictions. Most predictions get one, which their own row holds: only where there are more, or the row
/// does not say all, are there rows here. The table came beside what was there, so it is made where it is absent, in a store of any
/// schema.
/// </summary>
internal static class LabelRows
{
    public const string Tables =
        """
        CREATE TABLE IF NOT EXISTS labels (
            entity_key TEXT NOT NULL, prediction TEXT NOT NULL, sequence INTEGER NOT NULL,
            outcome_id TEXT NOT NULL, value REAL NOT NULL, source TEXT NOT NULL, time INTEGER NOT NULL,
            revision INTEGER NOT NULL, received INTEGER NOT NULL, verdict INTEGER NOT NULL, reason TEXT,
            PRIMARY KEY (entity_key, prediction, sequence)) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS predictions_labelled ON predictions (entity_key, target, window_end) WHERE state IN (1, 3);
        """;

    public static readonly SqlText List = new(
        """
        SELECT sequence, outcome_id, value, source, time, revision, received, verdict, reason
        FROM labels WHERE entity_key = ?1 AND prediction = ?2 ORDER BY sequence
        """);

    private static readonly SqlText s_put = new(
        """
        INSERT OR REPLACE INTO labels (entity_key, prediction, sequence, outcome_id, value, source, time, revision, received, verdict, reason)
        SELECT entity_key, id, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 FROM predictions WHERE id = ?1
        """);

    public static LabelStatement Read(SqliteStatement row) => new()
    {
        Sequence = row.GetInt32(0),
        OutcomeId = row.GetText(1),
        Value = row.GetDouble(2),
        Source = row.GetText(3),
        Time = row.GetTime(4),
        Revision = row.GetInt32(5),
        Received = row.GetTime(6),
        Verdict = (LabelVerdict)row.GetInt32(7),
        Reason = row.GetTextOrNull(8),
    };

    public static void Put(SqliteDatabase database, string predictionId, LabelStatement label)
        => database.Prepare(s_put)
            .Bind(1, predictionId).Bind(2, (long)label.Sequence).Bind(3, label.OutcomeId).Bind(4, (double?)label.Value).Bind(5, label.Source)
            .Bind(6, label.Time).Bind(7, (long)label.Revision).Bind(8, label.Received).Bind(9, (long)label.Verdict).Bind(10, label.Reason)
            .Run();
}
