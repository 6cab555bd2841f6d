using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Logs.Entities;

internal static class EntityLogSql
{
    public static readonly SqlText FindEntity = new("SELECT pk, last_sequence, last_created FROM entities WHERE key = ?1");

    public static readonly SqlText FindEntityByPk = new("SELECT key, last_sequence, last_created FROM entities WHERE pk = ?1");

    public static readonly SqlText LastPk = new("SELECT coalesce(max(pk), 0) FROM entities");

    public static readonly SqlText InsertEntity = new("INSERT INTO entities (pk, key, last_sequence, last_created) VALUES (?1, ?2, ?3, ?4)");

    public static readonly SqlText MoveEntity = new("UPDATE entities SET last_sequence = ?2, last_created = ?3 WHERE pk = ?1");

    public static readonly SqlText InsertSegment = new("INSERT INTO entity_segments (data) VALUES (?1)");

    public static readonly SqlText ReadSegments = new("SELECT segment, data FROM entity_segments ORDER BY segment");

    public static readonly SqlText DeleteSegments = new("DELETE FROM entity_segments WHERE segment <= ?1");

    public static readonly SqlText InsertPage = new("INSERT INTO entity_pages (place, data) VALUES (?1, ?2)");

    public static readonly SqlText InsertId = new("INSERT INTO entity_ids (entity, hash, sequence) VALUES (?1, ?2, ?3)");

    public static readonly SqlText FindIds = new("SELECT sequence FROM entity_ids WHERE entity = ?1 AND hash = ?2");

    // ?1 and ?3: places of the log's ends; ?2: of the sequence to begin with, which lies in the last page before it.
    public static readonly SqlText ReadPages = new(
        """
        SELECT place, data FROM entity_pages
        WHERE place BETWEEN coalesce((SELECT max(place) FROM entity_pages WHERE place BETWEEN ?1 AND ?2), ?1) AND ?3 ORDER BY place
        """);

    // A snapshot of another fold is of no use to this one, so it is replaced at any sequence.
    public static readonly SqlText SaveSnapshot = new(
        """
        INSERT INTO entity_snapshots (entity, sequence, fold_version, snapshot) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (entity) DO UPDATE SET sequence = excluded.sequence, fold_version = excluded.fold_version, snapshot = excluded.snapshot
        WHERE excluded.sequence >= entity_snapshots.sequence OR excluded.fold_version <> entity_snapshots.fold_version
        """);

    public static readonly SqlText LoadSnapshot = new("SELECT sequence, snapshot FROM entity_snapshots WHERE entity = ?1 AND fold_version = ?2");
}
