using Microsoft.Extensions.Logging;
using OrleansMl.Storage.Embedded.Jobs;
using OrleansMl.Storage.Embedded.Logs;
using OrleansMl.Storage.Embedded.Logs.Entities;
using OrleansMl.Storage.Embedded.Monitoring;
using OrleansMl.Storage.Embedded.Sqlite;
using OrleansMl.Storage.Embedded.Streams;

namespace OrleansMl.Storage.Embedded;

/// <summary>
/// Tables of the store and their version. Entities and streams are numbered so that logs carry small keys. Records of entity
/// logs lie in segments, in the order of their commits, until they move into pages, ordered by (entity, sequence): the replay
/// of an entity is one range scan. The bytes of a prediction lie apart from its
/// outcome, so that an outcome rewrites a short row only; its indexes over states are partial, so that they stay small.
/// </summary>
internal static class StoreSchema
{
    public const long Version = 3;

    private const string Tables =
        """
        CREATE TABLE store_info (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        INSERT INTO store_info VALUES ('schema', 3), ('grain_state_etag_floor', 0), ('reminder_etag', 0);

        CREATE TABLE entities (
            pk INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            last_sequence INTEGER NOT NULL,
            last_created INTEGER NOT NULL);
        CREATE TABLE entity_snapshots (
            entity INTEGER PRIMARY KEY, sequence INTEGER NOT NULL, fold_version TEXT NOT NULL, snapshot BLOB NOT NULL);

        CREATE TABLE predictions (
            pk INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            model TEXT NOT NULL, version INTEGER NOT NULL, learner_revision INTEGER,
            entity_key TEXT NOT NULL, target TEXT NOT NULL, subject TEXT NOT NULL,
            time INTEGER NOT NULL, created INTEGER NOT NULL, window_end INTEGER, by_event_time INTEGER NOT NULL,
            request_id TEXT, score REAL, propensity REAL,
            sequence INTEGER NOT NULL, lineage INTEGER NOT NULL,
            state INTEGER NOT NULL, label REAL,
            outcome_id TEXT, outcome_source TEXT, outcome_revision INTEGER NOT NULL,
            outcome_time INTEGER, labelled_at INTEGER);
        CREATE TABLE prediction_bytes (pk INTEGER PRIMARY KEY, vector BLOB NOT NULL, response BLOB NOT NULL);
        CREATE UNIQUE INDEX predictions_request ON predictions (model, request_id) WHERE request_id IS NOT NULL;
        CREATE INDEX predictions_model ON predictions (model, id);
        CREATE INDEX predictions_entity ON predictions (entity_key, id) WHERE entity_key <> '';
        CREATE INDEX predictions_open ON predictions (entity_key, target, time) WHERE state = 0;
        CREATE INDEX predictions_due ON predictions (window_end) WHERE state = 0 AND by_event_time = 0 AND window_end IS NOT NULL;
        CREATE INDEX predictions_closed ON predictions (entity_key, target, window_end) WHERE state IN (2, 4);

        CREATE TABLE outcomes (
            entity_key TEXT NOT NULL, outcome_id TEXT NOT NULL,
            revision INTEGER NOT NULL, target TEXT NOT NULL, subject TEXT NOT NULL, prediction_id TEXT,
            time INTEGER NOT NULL, value REAL NOT NULL, source TEXT NOT NULL, created INTEGER NOT NULL,
            pending_until INTEGER, status INTEGER NOT NULL, content_hash BLOB NOT NULL,
            PRIMARY KEY (entity_key, outcome_id)) WITHOUT ROWID;
        CREATE INDEX outcomes_pending ON outcomes (entity_key, target, time) WHERE pending_until IS NOT NULL;

        CREATE TABLE grain_state (
            pk INTEGER PRIMARY KEY,
            name TEXT NOT NULL, grain TEXT NOT NULL, etag INTEGER NOT NULL, data BLOB NOT NULL,
            UNIQUE (name, grain));
        CREATE TABLE reminders (
            grain TEXT NOT NULL, name TEXT NOT NULL,
            start_at INTEGER NOT NULL, period INTEGER NOT NULL, etag INTEGER NOT NULL,
            PRIMARY KEY (grain, name)) WITHOUT ROWID;
        """;

    /// <summary>Opens the write connection with its settings; creates the tables in a new file, and brings an older one up.</summary>
    /// <exception cref="StoreSchemaException">The file has a newer schema.</exception>
    public static SqliteDatabase OpenForWriting(string path, EmbeddedStoreOptions options, StreamWriteRules streams, ILogger logger)
    {
        var database = SqliteDatabase.Open(path, readOnly: false);
        try
        {
            // Checkpoints every 16 MiB keep their syncs rare; the limit gives the disk back after a burst.
            database.Execute(
                $"""
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = {(options.Durability == StoreDurability.Power ? "FULL" : "NORMAL")};
                PRAGMA wal_autocheckpoint = 4000;
                PRAGMA journal_size_limit = 67108864;
                PRAGMA cache_size = -65536;
                PRAGMA temp_store = MEMORY;
                """);
            if (options.MaxDatabaseBytes is { } bytes)
                database.Execute($"PRAGMA max_page_count = {bytes / database.QueryNumber("PRAGMA page_size")};");
            EnsureTables(database, options, streams, logger);
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    private static void EnsureTables(SqliteDatabase database, EmbeddedStoreOptions options, StreamWriteRules streams, ILogger logger)
    {
        database.Execute("BEGIN IMMEDIATE;");
        try
        {
            if (database.QueryNumber("SELECT count(*) FROM sqlite_master WHERE name = 'store_info'") == 0)
            {
                database.Execute(Tables);
                database.Execute(EntityLogUpgrade.Tables);
                StreamSchema.Create(database, options.StreamQueues);
            }

            var found = database.QueryNumber("SELECT value FROM store_info WHERE name = 'schema'");
            if (found > Version)
                throw new StoreSchemaException(database.Path, found, Version);
            if (found == 1)
            {
                StreamSchema.Create(database, options.StreamQueues);
                OutboxUpgrade.Run(database, streams with { Queues = options.StreamQueues });
            }

            if (found < 3)
            {
                EntityLogUpgrade.Run(database);
                database.Execute($"UPDATE store_info SET value = {Version} WHERE name = 'schema';");
            }

            JobSchema.Ensure(database);
            database.Execute(LabelRows.Tables);
            MonitoringSchema.Ensure(database);
            database.Execute(DecisionSchema.Tables);
            database.Execute("COMMIT;");
            if (found < Version)
                StoreLog.Upgraded(logger, database.Path, found, Version);
        }
        catch
        {
            if (database.InTransaction)
                database.Execute("ROLLBACK;");
            throw;
        }
    }
}
