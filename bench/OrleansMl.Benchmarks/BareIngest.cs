using System.Diagnostics;
using System.Text;
using System.Text.Json;
using SQLitePCL;

namespace OrleansMl.Benchmarks;

/// <summary>
/// What one writes in an afternoon, in one thread without a server: parse each line, insert it into one table under the
/// keys that refuse a duplicate, commit once for each batch. No checks, no fold, nobody to answer.
/// </summary>
internal sealed class BareIngest : IDisposable
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _begin, _commit, _insert;
    private readonly Dictionary<string, (long Number, long Last)> _entities = new(StringComparer.Ordinal);

    static BareIngest() => Batteries_V2.Init();

    /// <param name="file">The database.</param>
    /// <param name="synchronous">SQLite's word for the durability that the server has.</param>
    public BareIngest(string file, string synchronous)
    {
        Check(raw.sqlite3_open(file, out _database));
        // The settings and the keys of the embedded store.
        Check(raw.sqlite3_exec(_database,
            $"""
            PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA wal_autocheckpoint = 4000;
            PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;
            CREATE TABLE events (
                entity INTEGER NOT NULL, sequence INTEGER NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL,
                time INTEGER NOT NULL, fields TEXT NOT NULL, PRIMARY KEY (entity, sequence)) WITHOUT ROWID;
            CREATE UNIQUE INDEX events_id ON events (entity, id);
            """));
        Check(raw.sqlite3_prepare_v2(_database, "BEGIN IMMEDIATE", out _begin));
        Check(raw.sqlite3_prepare_v2(_database, "COMMIT", out _commit));
        Check(raw.sqlite3_prepare_v2(_database, "INSERT INTO events VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING", out _insert));
    }

    /// <summary>Takes all batches, one commit each.</summary>
    public IngestWindow Run(IReadOnlyList<IngestLoad.Batch> batches)
    {
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        var clock = Stopwatch.StartNew();
        var events = 0;
        foreach (var batch in batches)
        {
            Step(_begin);
            ReadOnlySpan<byte> rest = batch.Lines;
            for (int end; (end = rest.IndexOf((byte)'\n')) >= 0; rest = rest[(end + 1)..])
                events += Insert(JsonSerializer.Deserialize<Line>(rest[..end], s_json)!);
            Step(_commit);
        }

        clock.Stop();
        process.Refresh();
        return new IngestWindow(events, clock.Elapsed, process.TotalProcessorTime - before);
    }

    public void Dispose()
    {
        foreach (var statement in (sqlite3_stmt[])[_begin, _commit, _insert])
            raw.sqlite3_finalize(statement);
        raw.sqlite3_close_v2(_database);
    }

    private int Insert(Line line)
    {
        var entity = _entities.TryGetValue(line.Entity.Id, out var known) ? known : (Number: _entities.Count + 1, Last: 0);
        raw.sqlite3_bind_int64(_insert, 1, entity.Number);
        raw.sqlite3_bind_int64(_insert, 2, entity.Last + 1);
        raw.sqlite3_bind_text(_insert, 3, line.Id);
        raw.sqlite3_bind_text(_insert, 4, line.Type);
        raw.sqlite3_bind_int64(_insert, 5, line.Time.Ticks);
        raw.sqlite3_bind_text(_insert, 6, Encoding.UTF8.GetBytes(line.Fields.GetRawText()));
        Step(_insert);
        if (raw.sqlite3_changes(_database) == 0)
            return 0;
        _entities[line.Entity.Id] = (entity.Number, entity.Last + 1);
        return 1;
    }

    private void Step(sqlite3_stmt statement)
    {
        var code = raw.sqlite3_step(statement);
        raw.sqlite3_reset(statement);
        Check(code == raw.SQLITE_DONE ? raw.SQLITE_OK : code);
    }

    private static void Check(int code)
    {
        if (code != raw.SQLITE_OK)
            throw new InvalidOperationException($"SQLite answers {code}.");
    }

    private sealed record Line(string Id, Whose Entity, string Type, DateTime Time, JsonElement Fields);

    private sealed record Whose(string Type, string Id);
}
