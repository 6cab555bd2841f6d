namespace OrleansMl.Storage.Embedded.Jobs;

/// <summary>
/// Tables of jobs, their logs and data sets. They came beside what was there, so they are made where they are absent, in a store of
/// any schema: an earlier program passes over them.
/// </summary>
internal static class JobSchema
{
    public const string Tables =
        """
        CREATE TABLE IF NOT EXISTS jobs (
            id TEXT PRIMARY KEY, kind TEXT NOT NULL, model TEXT NOT NULL, state TEXT NOT NULL, is_open INTEGER NOT NULL,
            document BLOB NOT NULL);
        CREATE INDEX IF NOT EXISTS jobs_open ON jobs (id) WHERE is_open = 1;
        CREATE TABLE IF NOT EXISTS job_log (
            job TEXT NOT NULL, sequence INTEGER NOT NULL, time INTEGER NOT NULL, level TEXT NOT NULL, text TEXT NOT NULL,
            PRIMARY KEY (job, sequence)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS datasets (id TEXT PRIMARY KEY, hash TEXT NOT NULL, document BLOB NOT NULL);
        """;
}
