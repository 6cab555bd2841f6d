using System.Text;
using OrleansMl.Storage.Embedded.Sqlite;
using OrleansMl.Storage.Tests.Support;

namespace OrleansMl.Storage.Tests.Streams;

/// <summary>Data folders of schema 1, as the program before streams left them.</summary>
public sealed class OutboxUpgradeTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_lay_in_the_outbox_is_delivered_under_its_old_offsets()
    {
        WriteSchema1(
            """
            INSERT INTO topics VALUES (1, 'examples/fraud', 7), (2, 'examples/churn', 3), (3, 'examples/ü/1', 1);
            INSERT INTO outbox VALUES (1, 5, x'0105'), (1, 6, x'0106'), (1, 7, x'0107'), (3, 1, x'01');
            """);
        using (var store = _folder.Open())
        {
            Assert.Equal([(5, "0105"), (6, "0106"), (7, "0107")], await Read(store.Streams, "fraud"));
            Assert.Equal([(1, "01")], await Read(store.Streams, "ü/1"));
            Assert.Equal(new StreamKeyState("fraud", 7, 4), await store.Streams.GetStreamAsync("examples", "fraud"));
            Assert.Equal(new StreamKeyState("churn", 3, 3), await store.Streams.GetStreamAsync("examples", "churn"));
            Assert.Equal(["fraud", "ü/1"], (await store.Streams.ListHeldAsync("examples")).Select(s => s.Key));

            // Queues deliver them, nothing else, and go on behind them.
            await store.Streams.AppendAsync([new("examples", "fraud", Some.Bytes("new")), new("examples", "churn", Some.Bytes("new"))]);
            var queued = new List<StreamItem>();
            for (var queue = 0; queue < store.Streams.Queues; queue++)
            {
                var items = await store.Streams.ReadAsync(queue, 0, 100, TimeSpan.Zero);
                Assert.Equal(Enumerable.Range(0, items.Count).Select(i => (long)i), items.Select(i => i.Offset));
                Assert.Equal(new StreamQueueState(-1, items.Count), await store.Streams.GetQueueAsync(queue));
                queued.AddRange(items);
            }

            Assert.Equal([("churn", 4), ("fraud", 5), ("fraud", 6), ("fraud", 7), ("fraud", 8), ("ü/1", 1)], queued.Select(i => (i.Key, i.Sequence)).Order());
        }

        using var again = _folder.Open();
        Assert.Equal(new StreamKeyState("fraud", 8, 4), await again.Streams.GetStreamAsync("examples", "fraud"));
    }

    [Fact]
    public async Task Everything_else_of_the_store_is_as_it_was()
    {
        WriteSchema1(
            """
            INSERT INTO entities VALUES (1, 'client:1', 1, 0);
            INSERT INTO entity_log VALUES (1, 1, 1, 'e1', 'click', 0, 0, 0, x'01');
            """);
        using var store = _folder.Open();
        Assert.Equal("e1", Assert.Single(await store.EntityLog.ReadAsync("client:1", 0, 10)).Id);
        Assert.Equal(8, store.Streams.Queues);
        Assert.Empty(await store.DeadLetters.ListAsync(null, 10));
        using var lease = store.Readers.Rent();
        Assert.Equal(0, lease.Database.QueryNumber("SELECT count(*) FROM sqlite_master WHERE name IN ('outbox', 'topics')"));
    }

    private void WriteSchema1(string rows)
    {
        using var resource = typeof(OutboxUpgradeTests).Assembly.GetManifestResourceStream("schema-1.sql")!;
        using var reader = new StreamReader(resource, Encoding.UTF8);
        using var database = SqliteDatabase.Open(Path.Combine(_folder.Path, "oml.db"), readOnly: false);
        database.Execute(reader.ReadToEnd());
        database.Execute(rows);
    }

    private static async Task<(long, string)[]> Read(IStreamLog log, string model)
        => [.. (await log.ReadStreamAsync("examples", model, 0, 100)).Select(i => (i.Sequence, Convert.ToHexString(i.Record.Span)))];
}
