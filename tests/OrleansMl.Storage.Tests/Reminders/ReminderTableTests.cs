using Orleans;
using Orleans.Runtime;
using OrleansMl.Storage.Embedded;
using OrleansMl.Storage.Reminders;
using OrleansMl.Storage.Tests.Support;

namespace OrleansMl.Storage.Tests.Reminders;

public sealed class ReminderTableTests : IDisposable
{
    private readonly DataFolder _folder = new();
    private readonly EmbeddedStore _store;
    private readonly EmbeddedReminderTable _table;

    public ReminderTableTests()
    {
        _store = _folder.Open();
        _table = new EmbeddedReminderTable(_store);
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_reminder_reads_back_also_after_reopening()
    {
        var entry = Entry("a/b c:ü", "tick");
        var etag = await _table.UpsertRow(entry);
        Assert.Equal(etag, entry.ETag);
        _store.Dispose();
        using var again = _folder.Open();
        var read = await new EmbeddedReminderTable(again).ReadRow(entry.GrainId, "tick");
        Assert.Equal((entry.GrainId, "tick", entry.StartAt, entry.Period, etag), (read!.GrainId, read.ReminderName, read.StartAt, read.Period, read.ETag));
        Assert.Equal(DateTimeKind.Utc, read.StartAt.Kind);
    }

    [Fact]
    public async Task A_missing_reminder_reads_as_none()
    {
        Assert.Null(await _table.ReadRow(Entry("a", "tick").GrainId, "tick"));
        Assert.Empty((await _table.ReadRows(Entry("a", "tick").GrainId)).Reminders);
        Assert.Empty((await _table.ReadRows(0, 0)).Reminders);
    }

    [Fact]
    public async Task An_update_replaces_the_row_and_its_etag_whatever_etag_it_came_with()
    {
        var first = await _table.UpsertRow(Entry("a", "tick"));
        var changed = Entry("a", "tick");
        changed.Period = TimeSpan.FromHours(2);
        var second = await _table.UpsertRow(changed);
        Assert.NotEqual(first, second);
        var row = Assert.Single((await _table.ReadRows(changed.GrainId)).Reminders);
        Assert.Equal((second, TimeSpan.FromHours(2)), (row.ETag, row.Period));
    }

    [Fact]
    public async Task A_row_is_removed_with_its_etag_only()
    {
        var entry = Entry("a", "tick");
        var stale = await _table.UpsertRow(entry);
        await _table.UpsertRow(entry);
        Assert.False(await _table.RemoveRow(entry.GrainId, "tick", stale!));
        Assert.False(await _table.RemoveRow(entry.GrainId, "tick", "no number"));
        Assert.False(await _table.RemoveRow(entry.GrainId, "other", entry.ETag!));
        Assert.NotNull(await _table.ReadRow(entry.GrainId, "tick"));
        Assert.True(await _table.RemoveRow(entry.GrainId, "tick", entry.ETag!));
        Assert.False(await _table.RemoveRow(entry.GrainId, "tick", entry.ETag!));
        Assert.Null(await _table.ReadRow(entry.GrainId, "tick"));
        Assert.NotEqual(entry.ETag, await _table.UpsertRow(Entry("a", "tick")));
    }

    [Fact]
    public async Task Rows_of_a_grain_are_its_own()
    {
        foreach (var (key, name) in new[] { ("a", "x"), ("a", "y"), ("b", "x") })
            await _table.UpsertRow(Entry(key, name));
        Assert.Equal(["x", "y"], (await _table.ReadRows(Entry("a", "").GrainId)).Reminders.Select(r => r.ReminderName));
        await _table.TestOnlyClearTable();
        Assert.Empty((await _table.ReadRows(0, 0)).Reminders);
    }

    [Fact]
    public async Task A_range_excludes_its_begin_includes_its_end_and_goes_around_the_ring()
    {
        var entries = Enumerable.Range(0, 64).Select(i => Entry($"grain-{i}", "tick")).ToList();
        foreach (var entry in entries)
            await _table.UpsertRow(entry);
        var hashes = entries.Select(e => e.GrainId.GetUniformHashCode()).Order().ToList();
        Assert.Contains(hashes, h => h > int.MaxValue);

        var (low, high) = (hashes[10], hashes[50]);
        await AssertRange(low, high, h => h > low && h <= high, 40);
        await AssertRange(high, low, h => h > high || h <= low, 24);
        await AssertRange(low, low, _ => true, 64);
        await AssertRange(0, uint.MaxValue, h => h > 0, hashes.Count(h => h > 0));
        await AssertRange(uint.MaxValue, hashes[0], h => h <= hashes[0], 1);

        async Task AssertRange(uint begin, uint end, Func<uint, bool> isIn, int count)
        {
            var found = (await _table.ReadRows(begin, end)).Reminders.Select(r => r.GrainId.GetUniformHashCode()).Order().ToList();
            Assert.Equal(hashes.Where(isIn), found);
            Assert.Equal(count, found.Count);
        }
    }

    private static ReminderEntry Entry(string key, string name) => new()
    {
        GrainId = GrainId.Create("schedule", key),
        ReminderName = name,
        StartAt = Some.Noon.AddTicks(3),
        Period = TimeSpan.FromMinutes(5),
    };
}
