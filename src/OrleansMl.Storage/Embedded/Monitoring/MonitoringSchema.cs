using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Monitoring;

/// <summary>
/// The table of alarms, and the two orders in which monitors read predictions. They came beside what was there, so they are
/// made where they are absent, in a store of any schema: an earlier program passes over them. The index of a model's
/// predictions ends in the row's number, which is the order of commits.
/// </summary>
internal static class MonitoringSchema
{
    private const string Tables =
        """
        CREATE INDEX IF NOT EXISTS predictions_feed ON predictions (model);
        CREATE INDEX IF NOT EXISTS predictions_label_order ON predictions (model, label_sequence) WHERE label_sequence IS NOT NULL;
        CREATE TABLE IF NOT EXISTS alarms (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            model TEXT NOT NULL, id TEXT NOT NULL, monitor TEXT NOT NULL, raised INTEGER NOT NULL, ended INTEGER,
            document BLOB NOT NULL, acknowledged INTEGER, acknowledged_by TEXT, note TEXT,
            UNIQUE (model, id));
        CREATE INDEX IF NOT EXISTS alarms_model ON alarms (model, sequence);
        """;

    public static void Ensure(SqliteDatabase database)
    {
        // SQLite cannot add a column only where it is absent.
        if (database.QueryNumber("SELECT count(*) FROM pragma_table_info('predictions') WHERE name = 'label_sequence'") == 0)
            database.Execute("ALTER TABLE predictions ADD COLUMN label_sequence INTEGER;");
        database.Execute(Tables);
    }
}
