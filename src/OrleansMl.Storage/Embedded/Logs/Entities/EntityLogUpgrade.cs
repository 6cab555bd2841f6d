using System.Buffers;
using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Logs.Entities;

/// <summary>
/// From schema 2 to 3: an entity's log, which had a row and an index entry for each record, becomes pages.
/// </summary>
internal static class EntityLogUpgrade
{
    /// <summary>Records that become a chunk at most.</summary>
    private const int ChunkRecords = 32;

    public const string Tables =
        """
        CREATE TABLE entity_segments (segment INTEGER PRIMARY KEY AUTOINCREMENT, data BLOB NOT NULL);
        CREATE TABLE entity_pages (place INTEGER PRIMARY KEY, data BLOB NOT NULL);
        CREATE TABLE entity_ids (
            entity INTEGER NOT NULL, hash INTEGER NOT NULL, sequence INTEGER NOT NULL,
            PRIMARY KEY (entity, hash, sequence)) WITHOUT ROWID;
        """;

    public static void Run(SqliteDatabase database)
    {
        database.Execute(Tables);
        var query = database.Compile("SELECT entity, sequence, kind, id, type, event_time, created, revision, payload FROM entity_log ORDER BY entity, sequence");
        try
        {
            var page = new ArrayBufferWriter<byte>();
            var run = new List<LogAppend>();
            var (entity, first, created) = (0L, 0L, 0L);
            while (query.Step())
            {
                if (run.Count > 0 && (query.GetInt64(0) != entity || query.GetInt64(6) != created || run.Count == ChunkRecords))
                    Move();
                if (run.Count == 0)
                    (entity, first, created) = (query.GetInt64(0), query.GetInt64(1), query.GetInt64(6));
                run.Add(new LogAppend((byte)query.GetInt32(2), query.GetText(3), query.GetText(4), query.GetTime(5), query.GetInt32(7), query.GetBytes(8)));
            }

            if (run.Count > 0)
                Move();

            void Move()
            {
                var records = LogRecordCodec.Encode(run);
                LogPages.Write(database, entity, [new LogChunk(first, run.Count, created, records.Bytes)], page);
                for (var i = 0; i < run.Count; i++)
                    LogPages.WriteId(database, entity, records.Hashes[i], first + i);
                run.Clear();
            }
        }
        finally
        {
            query.Close();
        }

        database.Execute("DROP TABLE entity_log;");
    }
}
