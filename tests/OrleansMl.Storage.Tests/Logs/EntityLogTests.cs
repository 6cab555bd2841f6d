using OrleansMl.Storage.Tests.Support;

namespace OrleansMl.Storage.Tests.Logs;

public sealed class EntityLogTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Records_read_back_as_they_were_appended_also_after_reopening()
    {
        var record = new LogAppend(7, "e\0ä-1", "kauf", Some.Noon.AddTicks(1), 2, Some.Bytes("payload"));
        using (var store = _folder.Open())
        {
            var outcomes = await store.EntityLog.AppendAsync("client:1", 0, [record, Some.Record("b", "")], Some.Noon.AddHours(1));
            Assert.Equal([new(LogAppendStatus.Appended, 1), new(LogAppendStatus.Appended, 2)], outcomes);
        }

        using var again = _folder.Open();
        var entries = await again.EntityLog.ReadAsync("client:1", 0, 10);
        Assert.Equal([1, 2], entries.Select(e => e.Sequence));
        var first = entries[0];
        Assert.Equal((record.Kind, record.Id, record.Type, record.EventTime, record.Revision), (first.Kind, first.Id, first.Type, first.EventTime, first.Revision));
        Assert.Equal(DateTimeKind.Utc, first.EventTime.Kind);
        Assert.Equal(Some.Noon.AddHours(1), first.Created);
        Assert.Equal(record.Payload.ToArray(), first.Payload.ToArray());
        Assert.Empty(entries[1].Payload.ToArray());
        Assert.Equal(2, await again.EntityLog.GetLastSequenceAsync("client:1"));
    }

    [Fact]
    public async Task An_entity_without_records_ends_at_zero()
    {
        using var store = _folder.Open();
        Assert.Equal(0, await store.EntityLog.GetLastSequenceAsync("client:none"));
        Assert.Empty(await store.EntityLog.ReadAsync("client:none", 0, 10));
        Assert.Empty(await store.EntityLog.AppendAsync("client:none", 0, [], Some.Noon));
    }

    [Fact]
    public async Task Reading_goes_on_after_a_sequence_and_stops_at_the_limit()
    {
        using var store = _folder.Open();
        await store.EntityLog.AppendAsync("c:1", 0, [.. Enumerable.Range(0, 10).Select(i => Some.Record($"e{i}"))], Some.Noon);
        await store.EntityLog.AppendAsync("c:2", 0, [Some.Record("other")], Some.Noon);
        Assert.Equal([4, 5, 6], (await store.EntityLog.ReadAsync("c:1", 3, 3)).Select(e => e.Sequence));
        Assert.Equal([10], (await store.EntityLog.ReadAsync("c:1", 9, 3)).Select(e => e.Sequence));
        Assert.Empty(await store.EntityLog.ReadAsync("c:1", 10, 3));
    }

    [Fact]
    public async Task The_same_record_again_is_a_duplicate_at_its_first_place_also_within_a_batch()
    {
        using var store = _folder.Open();
        var outcomes = await store.EntityLog.AppendAsync("c:1", 0, [Some.Record("a"), Some.Record("a"), Some.Record("b")], Some.Noon);
        Assert.Equal([new(LogAppendStatus.Appended, 1), new(LogAppendStatus.Duplicate, 1), new(LogAppendStatus.Appended, 2)], outcomes);
        outcomes = await store.EntityLog.AppendAsync("c:1", 2, [Some.Record("b"), Some.Record("c"), Some.Record("a")], Some.Noon);
        Assert.Equal([new(LogAppendStatus.Duplicate, 2), new(LogAppendStatus.Appended, 3), new(LogAppendStatus.Duplicate, 1)], outcomes);
    }

    [Fact]
    public async Task An_id_with_other_content_is_a_conflict_and_the_rest_of_the_batch_goes_in()
    {
        using var store = _folder.Open();
        await store.EntityLog.AppendAsync("c:1", 0, [Some.Record("a")], Some.Noon);
        var outcomes = await store.EntityLog.AppendAsync(
            "c:1", 1, [Some.Record("a", "other"), Some.Record("a", type: "view"), Some.Record("a", second: 1), Some.Record("b")], Some.Noon);
        Assert.Equal([LogAppendStatus.Conflict, LogAppendStatus.Conflict, LogAppendStatus.Conflict, LogAppendStatus.Appended], outcomes.Select(o => o.Status));
        Assert.Equal([1, 1, 1, 2], outcomes.Select(o => o.Sequence));
    }

    [Fact]
    public async Task A_stamped_time_is_no_part_of_the_identity()
    {
        using var store = _folder.Open();
        await store.EntityLog.AppendAsync("c:1", 0, [Some.Record("a") with { TimeIsStamped = true }], Some.Noon);
        var outcomes = await store.EntityLog.AppendAsync("c:1", 1, [Some.Record("a", second: 5) with { TimeIsStamped = true }], Some.Noon);
        Assert.Equal(LogAppendStatus.Duplicate, outcomes[0].Status);
        Assert.Equal(Some.Noon, (await store.EntityLog.ReadAsync("c:1", 0, 1))[0].EventTime);
    }

    [Fact]
    public async Task A_higher_revision_is_a_new_record_and_a_lower_one_a_conflict()
    {
        using var store = _folder.Open();
        var outcomes = await store.EntityLog.AppendAsync(
            "c:1", 0, [Some.Record("a", "r1", 1), Some.Record("a", "r3", 3), Some.Record("a", "r2", 2), Some.Record("a", "r1", 1), Some.Record("a", "r3!", 3)], Some.Noon);
        Assert.Equal(
            [new(LogAppendStatus.Appended, 1), new(LogAppendStatus.Appended, 2), new(LogAppendStatus.Conflict, 2), new(LogAppendStatus.Duplicate, 1), new(LogAppendStatus.Conflict, 2)],
            outcomes);
    }

    [Fact]
    public async Task A_lower_revision_is_a_conflict_also_after_reopening()
    {
        using (var store = _folder.Open())
            await store.EntityLog.AppendAsync("c:1", 0, [Some.Record("a", "r2", revision: 2, kind: 2)], Some.Noon);
        using var again = _folder.Open();
        var outcomes = await again.EntityLog.AppendAsync("c:1", 1, [Some.Record("a", "r0", kind: 2), Some.Record("a", "r0", kind: 1)], Some.Noon);
        Assert.Equal([new(LogAppendStatus.Conflict, 1), new(LogAppendStatus.Appended, 2)], outcomes);
    }

    [Fact]
    public async Task Kinds_and_entities_have_ids_of_their_own()
    {
        using var store = _folder.Open();
        var outcomes = await store.EntityLog.AppendAsync("c:1", 0, [Some.Record("a", "1", kind: 1), Some.Record("a", "2", kind: 2)], Some.Noon);
        Assert.All(outcomes, o => Assert.Equal(LogAppendStatus.Appended, o.Status));
        outcomes = await store.EntityLog.AppendAsync("c:2", 0, [Some.Record("a", "3")], Some.Noon);
        Assert.Equal(new(LogAppendStatus.Appended, 1), outcomes[0]);
    }

    [Fact]
    public async Task A_second_writer_is_fenced_and_leaves_nothing()
    {
        using var store = _folder.Open();
        await store.EntityLog.AppendAsync("c:1", 0, [Some.Record("a")], Some.Noon);
        var fenced = await Assert.ThrowsAsync<LogFencedException>(async () => await store.EntityLog.AppendAsync("c:1", 0, [Some.Record("b")], Some.Noon));
        Assert.Contains("ends at 1, not at 0", fenced.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<LogFencedException>(async () => await store.EntityLog.AppendAsync("c:1", 2, [Some.Record("b")], Some.Noon));
        await Assert.ThrowsAsync<LogFencedException>(async () => await store.EntityLog.AppendAsync("c:new", 1, [Some.Record("b")], Some.Noon));
        Assert.Single(await store.EntityLog.ReadAsync("c:1", 0, 10));
        Assert.Empty(await store.EntityLog.ReadAsync("c:new", 0, 10));
    }

    [Fact]
    public async Task Of_writers_with_the_same_view_exactly_one_wins()
    {
        using var store = _folder.Open();
        var attempts = Enumerable.Range(0, 32).Select(async i =>
        {
            try
            {
                await store.EntityLog.AppendAsync("c:1", 0, [Some.Record($"e{i}")], Some.Noon);
                return true;
            }
            catch (LogFencedException)
            {
                return false;
            }
        });
        Assert.Single(await Task.WhenAll(attempts), won => won);
        Assert.Single(await store.EntityLog.ReadAsync("c:1", 0, 100));
    }

    [Fact]
    public async Task Created_time_never_falls_within_a_log()
    {
        using var store = _folder.Open();
        await store.EntityLog.AppendAsync("c:1", 0, [Some.Record("a")], Some.Noon.AddSeconds(5));
        await store.EntityLog.AppendAsync("c:1", 1, [Some.Record("b")], Some.Noon);
        await store.EntityLog.AppendAsync("c:1", 2, [Some.Record("c")], Some.Noon.AddSeconds(6));
        var created = (await store.EntityLog.ReadAsync("c:1", 0, 10)).Select(e => e.Created);
        Assert.Equal([Some.Noon.AddSeconds(5), Some.Noon.AddSeconds(5), Some.Noon.AddSeconds(6)], created);
    }

    [Fact]
    public async Task An_older_snapshot_does_not_replace_a_newer_one_of_the_same_fold()
    {
        using var store = _folder.Open();
        var log = store.EntityLog;
        await log.AppendAsync("c:1", 0, [Some.Record("a"), Some.Record("b"), Some.Record("c")], Some.Noon);
        Assert.Null(await log.LoadSnapshotAsync("c:1", "f1"));
        await log.SaveSnapshotAsync("c:1", 2, "f1", Some.Bytes("two"));
        await log.SaveSnapshotAsync("c:1", 1, "f1", Some.Bytes("one"));
        var loaded = await log.LoadSnapshotAsync("c:1", "f1");
        Assert.Equal((2, "two"), (loaded!.Value.Sequence, System.Text.Encoding.UTF8.GetString(loaded.Value.Snapshot)));
        Assert.Null(await log.LoadSnapshotAsync("c:1", "f2"));
        await log.SaveSnapshotAsync("c:1", 1, "f2", Some.Bytes("one of f2"));
        Assert.Equal(1, (await log.LoadSnapshotAsync("c:1", "f2"))!.Value.Sequence);
        Assert.Null(await log.LoadSnapshotAsync("c:1", "f1"));
    }

    [Fact]
    public async Task A_snapshot_cannot_stand_for_more_than_the_log_holds()
    {
        using var store = _folder.Open();
        await store.EntityLog.AppendAsync("c:1", 0, [Some.Record("a")], Some.Noon);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await store.EntityLog.SaveSnapshotAsync("c:1", 2, "f", Some.Bytes("x")));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await store.EntityLog.SaveSnapshotAsync("c:none", 1, "f", Some.Bytes("x")));
    }

    [Fact]
    public async Task A_record_without_an_id_and_text_that_is_no_unicode_are_refused()
    {
        using var store = _folder.Open();
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.EntityLog.AppendAsync("c:1", 0, [Some.Record("")], Some.Noon));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await store.EntityLog.AppendAsync("c:1", 0, [Some.Record("a"), Some.Record("\ud800")], Some.Noon));
        Assert.Equal(0, await store.EntityLog.GetLastSequenceAsync("c:1"));
        await store.EntityLog.AppendAsync("c:1", 0, [Some.Record("a")], Some.Noon);
    }
}
