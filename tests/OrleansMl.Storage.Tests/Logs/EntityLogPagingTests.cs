using System.Text;
using OrleansMl.Storage.Embedded;
using OrleansMl.Storage.Embedded.Sqlite;
using OrleansMl.Storage.Tests.Support;

namespace OrleansMl.Storage.Tests.Logs;

/// <summary>Records on their way from segments into pages.</summary>
public sealed class EntityLogPagingTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Records_move_into_pages_and_their_segments_go()
    {
        using var store = _folder.Open(o => o.LogBufferBytes = 20_000);
        for (var i = 0; i < 400; i++)
            await store.EntityLog.AppendAsync($"c:{i % 20}", i / 20, [Some.Record($"e{i}", new string('x', 100))], Some.Noon);
        Assert.InRange(Count(store, "entity_pages"), 20, 400);
        Assert.InRange(Count(store, "entity_segments"), 1, 399);
        Assert.InRange(Count(store, "entity_ids"), 100, 400);
        for (var c = 0; c < 20; c++)
            Assert.Equal(Enumerable.Range(0, 20).Select(i => $"e{(20 * i) + c}"), (await store.EntityLog.ReadAsync($"c:{c}", 0, 100)).Select(e => e.Id));
    }

    [Fact]
    public async Task An_id_is_known_wherever_its_record_lies()
    {
        using var store = _folder.Open(o => o.LogBufferBytes = 2_000);
        for (var i = 0; i < 100; i++)
            await store.EntityLog.AppendAsync("c:1", i, [Some.Record($"e{i}", "x")], Some.Noon);
        var again = await store.EntityLog.AppendAsync("c:1", 100, [.. Enumerable.Range(0, 100).Select(i => Some.Record($"e{i}", "x"))], Some.Noon);
        Assert.Equal(Enumerable.Range(1, 100).Select(i => new LogAppendOutcome(LogAppendStatus.Duplicate, i)), again);
        var other = await store.EntityLog.AppendAsync("c:1", 100, [.. Enumerable.Range(0, 100).Select(i => Some.Record($"e{i}", "y"))], Some.Noon);
        Assert.Equal(Enumerable.Range(1, 100).Select(i => new LogAppendOutcome(LogAppendStatus.Conflict, i)), other);
    }

    [Fact]
    public async Task One_log_alone_moves_too_and_is_read_from_any_place()
    {
        using var store = _folder.Open(o => o.LogBufferBytes = 100_000);
        var created = Some.Noon;
        for (var i = 0; i < 5_000; i += 50)
            await store.EntityLog.AppendAsync("c:1", i, [.. Enumerable.Range(i, 50).Select(k => Some.Record($"e{k}", "payload of some length"))], created = created.AddSeconds(1));
        Assert.InRange(Count(store, "entity_pages"), 10, 100);
        for (var after = 0; after < 5_000; after += 333)
        {
            var entries = await store.EntityLog.ReadAsync("c:1", after, 100);
            Assert.Equal(Enumerable.Range(after + 1, Math.Min(100, 5_000 - after)), entries.Select(e => (int)e.Sequence));
            Assert.All(entries, e => Assert.Equal(($"e{e.Sequence - 1}", Some.Noon.AddSeconds(((e.Sequence - 1) / 50) + 1)), (e.Id, e.Created)));
        }
    }

    [Fact]
    public async Task Readers_see_every_acknowledged_record_while_it_moves()
    {
        using var store = _folder.Open(o => o.LogBufferBytes = 5_000);
        using var done = new CancellationTokenSource();
        long acknowledged = 0;
        var reading = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            var reads = 0;
            while (!done.IsCancellationRequested)
            {
                var least = Volatile.Read(ref acknowledged);
                var entries = await store.EntityLog.ReadAsync("c:1", 0, int.MaxValue);
                Assert.InRange(entries.Count, (int)least, int.MaxValue);
                Assert.Equal(Enumerable.Range(1, entries.Count), entries.Select(e => (int)e.Sequence));
                Assert.InRange(await store.EntityLog.GetLastSequenceAsync("c:1"), least, long.MaxValue);
                reads++;
            }

            return reads;
        })).ToList();
        for (var i = 0; i < 2_000; i++)
        {
            await store.EntityLog.AppendAsync("c:1", i, [Some.Record($"e{i}", "x")], Some.Noon);
            Volatile.Write(ref acknowledged, i + 1);
        }

        await done.CancelAsync();
        Assert.All(await Task.WhenAll(reading), reads => Assert.InRange(reads, 1, int.MaxValue));
    }

    [Fact]
    public async Task A_snapshot_of_an_entity_that_is_in_segments_only_is_found_again()
    {
        using (var store = _folder.Open())
        {
            await store.EntityLog.AppendAsync("c:1", 0, [Some.Record("a")], Some.Noon);
            await store.EntityLog.SaveSnapshotAsync("c:1", 1, "fold", Some.Bytes("s"));
            Assert.Equal(1, (await store.EntityLog.LoadSnapshotAsync("c:1", "fold"))?.Sequence);
        }

        using var again = _folder.Open(o => o.LogBufferBytes = 0);
        await again.EntityLog.AppendAsync("c:2", 0, [Some.Record("a")], Some.Noon);
        await again.EntityLog.AppendAsync("c:2", 1, [Some.Record("b")], Some.Noon);
        Assert.Equal(1, (await again.EntityLog.LoadSnapshotAsync("c:1", "fold"))?.Sequence);
        Assert.Null(await again.EntityLog.LoadSnapshotAsync("c:2", "fold"));
        Assert.Null(await again.EntityLog.LoadSnapshotAsync("c:3", "fold"));
    }

    [Fact]
    public async Task A_log_of_schema_2_becomes_pages()
    {
        using (var resource = new StreamReader(typeof(EntityLogPagingTests).Assembly.GetManifestResourceStream("schema-1.sql")!, Encoding.UTF8))
        using (var database = SqliteDatabase.Open(Path.Combine(_folder.Path, "oml.db"), readOnly: false))
        {
            database.Execute(await resource.ReadToEndAsync());
            database.Execute("INSERT INTO entities VALUES (3, 'client:ü', 100, 500), (7, 'client:2', 1, 9);");
            for (var i = 1; i <= 100; i++)
                database.Execute($"INSERT INTO entity_log VALUES (3, {i}, 1, 'e{i}', 'click', {i}, {i / 10 * 10}, 0, x'0{i % 10}');");
            database.Execute("INSERT INTO entity_log VALUES (7, 1, 2, 'e', 'up', 5, 9, 4, x''); INSERT INTO entity_snapshots VALUES (3, 90, 'fold', x'01');");
        }

        using var store = _folder.Open();
        var entries = await store.EntityLog.ReadAsync("client:ü", 0, 1_000);
        Assert.Equal(Enumerable.Range(1, 100).Select(i => ((long)i, $"e{i}", (long)i, (long)(i / 10 * 10), $"0{i % 10}")), entries.Select(e => (e.Sequence, e.Id, e.EventTime.Ticks, e.Created.Ticks, Convert.ToHexString(e.Payload.Span))));
        Assert.Equal((2, "up", 4), (await store.EntityLog.ReadAsync("client:2", 0, 10)).Select(e => ((int)e.Kind, e.Type, e.Revision)).Single());
        Assert.Equal(90, (await store.EntityLog.LoadSnapshotAsync("client:ü", "fold"))?.Sequence);
        var outcomes = await store.EntityLog.AppendAsync("client:ü", 100, [new LogAppend(1, "e55", "click", new DateTime(55, DateTimeKind.Utc), 0, new byte[] { 5 }), Some.Record("e101")], Some.Noon);
        Assert.Equal([new(LogAppendStatus.Duplicate, 55), new(LogAppendStatus.Appended, 101)], outcomes);
        Assert.Equal(2, (await store.EntityLog.AppendAsync("client:2", 1, [Some.Record("f")], Some.Noon))[0].Sequence);
        Assert.Equal(1, (await store.EntityLog.AppendAsync("client:3", 0, [Some.Record("f")], Some.Noon))[0].Sequence);
    }

    private static long Count(EmbeddedStore store, string table)
    {
        using var lease = store.Readers.Rent();
        return lease.Database.QueryNumber($"SELECT count(*) FROM {table}");
    }
}
