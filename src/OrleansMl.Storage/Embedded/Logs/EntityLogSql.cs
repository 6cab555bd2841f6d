using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Logs;

internal static class EntityLogSql
{
    public static readonly SqlText FindEntity = new("SELECT pk, last_sequence, last_created FROM entities WHERE key = ?1");

    public static readonly SqlText InsertEntity = new("INSERT INTO entities (key, last_sequence, last_created) VALUES (?1, 0, 0)");

    public static readonly SqlText MoveEntity = new("UPDATE entities SET last_sequence = ?2, last_created = ?3 WHERE pk = ?1");

    public static readonly SqlText Insert = new(
        """
        INSERT INTO entity_log (entity, sequence, kind, id, type, event_time, created, revision, payload)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (entity, kind, id, revision) DO NOTHING
        """);

    // By its own index, which holds nothing else.
    public static readonly SqlText ListRevisedKinds = new("SELECT DISTINCT kind FROM entity_log WHERE revision > 0");

    // The equal revision comes first; where it is missing, a higher one.
    public static readonly SqlText FindRecord = new(
        """
        SELECT sequence, revision, type, event_time, payload FROM entity_log
        WHERE entity = ?1 AND kind = ?2 AND id = ?3 AND revision >= ?4 ORDER BY revision LIMIT 1
        """);

    public static readonly SqlText Read = new(
        """
        SELECT sequence, kind, id, type, event_time, created, revision, payload FROM entity_log
        WHERE entity = (SELECT pk FROM entities WHERE key = ?1) AND sequence > ?2 ORDER BY sequence LIMIT ?3
        """);

    // A snapshot of another fold is of no use to this one, so it is replaced at any sequence.
    public static readonly SqlText SaveSnapshot = new(
        """
        INSERT INTO entity_snapshots (entity, sequence, fold_version, snapshot) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (entity) DO UPDATE SET sequence = excluded.sequence, fold_version = excluded.fold_version, snapshot = excluded.snapshot
        WHERE excluded.sequence >= entity_snapshots.sequence OR excluded.fold_version <> entity_snapshots.fold_version
        """);

    public static readonly SqlText LoadSnapshot = new(
        """
        SELECT sequence, snapshot FROM entity_snapshots
        WHERE entity = (SELECT pk FROM entities WHERE key = ?1) AND fold_version = ?2
        """);
}
