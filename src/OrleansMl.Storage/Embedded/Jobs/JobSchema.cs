using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Jobs;

/// <summary>
/// Tables of jobs, their logs and data sets. They came beside what was there, so they are made where they are absent, in a store of
/// any schema: an earlier program passes over them.
/// </summary>
internal static class JobSchema
{
    private const string Tables =
        """
        CREATE TABLE IF NOT EXISTS jobs (
            id TEXT PRIMARY KEY, kind TEXT NOT NULL, model TEXT NOT NULL, state TEXT NOT NULL, is_open INTEGER NOT NULL,
            document BLOB NOT NULL);
        CREATE INDEX IF NOT EXISTS jobs_open ON jobs (id) WHERE is_open = 1;
        CREATE TABLE IF NOT EXISTS job_log (
            job TEXT NOT NULL, sequence INTEGER NOT NULL, time INTEGER NOT NULL, level TEXT NOT NULL, text TEXT NOT NULL,
            PRIMARY KEY (job, sequence)) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS jobs_ended ON jobs (kind, id) WHERE is_open = 0;
        CREATE TABLE IF NOT EXISTS datasets (id TEXT PRIMARY KEY, hash TEXT NOT NULL, document BLOB NOT NULL);
        CREATE INDEX IF NOT EXISTS datasets_hash ON datasets (hash);
        """;

    // What a job wrote has its id and a hyphen before; a file that was sent has an id of its own.
    private const string Origins =
        """
        ALTER TABLE datasets ADD COLUMN kind TEXT;
        ALTER TABLE datasets ADD COLUMN model TEXT;
        UPDATE datasets SET kind = 'file' WHERE instr(id, '-') = 0;
        UPDATE datasets SET (kind, model) = (SELECT kind, nullif(model, '') FROM jobs WHERE jobs.id = substr(datasets.id, 1, instr(datasets.id, '-') - 1))
        WHERE instr(id, '-') > 0;
        """;

    public static void Ensure(SqliteDatabase database)
    {
        database.Execute(Tables);

        // SQLite cannot add a column only where it is absent.
        if (database.QueryNumber("SELECT count(*) FROM pragma_table_info('datasets') WHERE name = 'kind'") == 0)
            database.Execute(Origins);
    }
}
