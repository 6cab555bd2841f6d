using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Logs;

internal static class PredictionSql
{
    // In the order that PredictionRows.Read takes them.
    private const string Columns =
        """
        SELECT p.id, p.model, p.version, p.learner_revision, p.entity_key, p.target, p.subject, p.time, p.created, p.window_end,
            p.request_id, p.score, p.propensity, p.sequence, p.lineage, b.vector, b.response,
            p.state, p.label, p.outcome_id, p.outcome_source, p.outcome_revision, p.outcome_time, p.labelled_at, p.by_event_time, d.decision
        """;

    private const string Bytes = " JOIN prediction_bytes b ON b.pk = p.pk LEFT JOIN prediction_decisions d ON d.pk = p.pk ";

    public const string Select = Columns + " FROM predictions p" + Bytes;

    // An index that is forced fails loudly where it no longer fits; a planner without statistics may take a worse one.
    private const string SelectOpen = Columns + " FROM predictions p INDEXED BY predictions_open" + Bytes;
    private const string SelectClosed = Columns + " FROM predictions p INDEXED BY predictions_closed" + Bytes;
    private const string SelectLabelled = Columns + " FROM predictions p INDEXED BY predictions_labelled" + Bytes;
    private const string SelectDue = Columns + " FROM predictions p INDEXED BY predictions_due" + Bytes;

    /// <summary>Where the further column of <see cref="SelectWith"/> stands.</summary>
    public const int Extra = 26;

    /// <summary>Predictions with one column more, over an index.</summary>
    public static string SelectWith(string column, string index) => $"{Columns}, {column} FROM predictions p INDEXED BY {index}{Bytes}";

    public static readonly SqlText Insert = new(
        """
        INSERT INTO predictions (id, model, version, learner_revision, entity_key, target, subject, time, created, window_end,
            request_id, score, propensity, sequence, lineage, state, label, outcome_id, outcome_source, outcome_revision, outcome_time, labelled_at, by_event_time)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23)
        """);

    public static readonly SqlText InsertBytes = new("INSERT INTO prediction_bytes (pk, vector, response) VALUES (?1, ?2, ?3)");

    public static readonly SqlText InsertDecision = new("INSERT INTO prediction_decisions (pk, decision) VALUES (?1, ?2)");

    public static readonly SqlText Find = new(Select + "WHERE p.id = ?1");

    public static readonly SqlText FindByRequest = new(Select + "WHERE p.model = ?1 AND p.request_id = ?2");

    public static readonly SqlText ListOpen = new(
        SelectOpen + "WHERE p.entity_key = ?1 AND p.target = ?2 AND p.state = 0 AND (?3 IS NULL OR p.subject = ?3) ORDER BY p.time, p.id");

    public static readonly SqlText ListClosedAt = new(
        SelectClosed
        + """
        WHERE p.entity_key = ?1 AND p.target = ?2 AND p.state IN (2, 4) AND (?3 IS NULL OR p.subject = ?3)
            AND p.time <= ?4 AND p.window_end > ?4 ORDER BY p.time, p.id
        """);

    public static readonly SqlText ListLabelledAt = new(
        SelectLabelled
        + """
        WHERE p.entity_key = ?1 AND p.target = ?2 AND p.state IN (1, 3) AND (?3 IS NULL OR p.subject = ?3)
            AND p.time <= ?4 AND p.window_end > ?4 ORDER BY p.time, p.id
        """);

    // Over the entity's predictions: only corrections ask this, and an index over outcomes would cost every label.
    public static readonly SqlText ListLabelledBy = new(
        Columns + " FROM predictions p INDEXED BY predictions_entity" + Bytes
        + """
        WHERE p.entity_key = ?1 AND p.entity_key <> ''
            AND (p.outcome_id = ?2 OR p.id IN (SELECT prediction FROM labels WHERE entity_key = ?1 AND outcome_id = ?2)) ORDER BY p.time, p.id
        """);

    public static readonly SqlText ListDue = new(
        SelectDue + "WHERE p.state = 0 AND p.by_event_time = 0 AND p.window_end IS NOT NULL AND p.window_end <= ?1 ORDER BY p.window_end, p.pk LIMIT ?2");

    public static readonly SqlText ListDueOfEntity = new(
        SelectOpen + "WHERE p.state = 0 AND p.entity_key = ?3 AND p.window_end IS NOT NULL AND p.window_end <= ?1 ORDER BY p.window_end, p.pk LIMIT ?2");

    // The first label puts a prediction into its model's order of labels; a later one leaves it in its place.
    public static readonly SqlText Change = new(
        """
        UPDATE predictions SET state = ?4, label = ?5, outcome_id = ?6, outcome_source = ?7, outcome_revision = ?8, outcome_time = ?9, labelled_at = ?10,
            label_sequence = CASE WHEN label_sequence IS NULL AND ?5 IS NOT NULL THEN 1 + coalesce((
                SELECT l.label_sequence FROM predictions l INDEXED BY predictions_label_order
                WHERE l.model = predictions.model AND l.label_sequence IS NOT NULL ORDER BY l.label_sequence DESC LIMIT 1), 0)
                ELSE label_sequence END
        WHERE id = ?1 AND state = ?2 AND outcome_revision = ?3
        """);

    private const string SelectOutcome =
        """
        SELECT entity_key, outcome_id, revision, target, subject, prediction_id, time, value, source, created, pending_until, status, content_hash

        """;

    public static readonly SqlText FindOutcome = new(SelectOutcome + "FROM outcomes WHERE entity_key = ?1 AND outcome_id = ?2");

    public static readonly SqlText ListPending = new(
        SelectOutcome + "FROM outcomes INDEXED BY outcomes_pending WHERE entity_key = ?1 AND target = ?2 AND pending_until IS NOT NULL ORDER BY time, outcome_id");

    public static readonly SqlText AnyPending = new(
        "SELECT 1 FROM outcomes INDEXED BY outcomes_pending WHERE entity_key = ?1 AND target = ?2 AND pending_until IS NOT NULL LIMIT 1");

    public static readonly SqlText OutcomeRevision = new("SELECT revision, content_hash FROM outcomes WHERE entity_key = ?1 AND outcome_id = ?2");

    public static readonly SqlText PutOutcome = new(
        """
        INSERT OR REPLACE INTO outcomes (entity_key, outcome_id, revision, target, subject, prediction_id, time, value, source, created, pending_until, status, content_hash)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
        """);
}
