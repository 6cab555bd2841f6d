using OrleansMl.Storage.Tests.Support;

namespace OrleansMl.Storage.Tests.Logs;

public sealed class JobStoreTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Jobs_are_listed_newest_first_by_kind_model_and_state_also_after_reopening()
    {
        using (var store = _folder.Open())
        {
            for (var i = 0; i < 6; i++)
                await store.Jobs.PutAsync(Row(i, i % 2 == 0 ? "even" : "odd", i < 3 ? "queued" : "succeeded"));
            await store.Jobs.PutAsync(Row(0, "even", "running"));
        }

        using var again = _folder.Open();
        Assert.Equal([5, 4, 3, 2, 1, 0], await ListAsync(new JobFilter()));
        Assert.Equal([4, 2, 0], await ListAsync(new JobFilter { Model = "even" }));
        Assert.Equal([4], await ListAsync(new JobFilter { Model = "even", State = "succeeded", Kind = "k" }));
        Assert.Equal([2, 1, 0], await ListAsync(new JobFilter { BeforeId = Row(3, "", "").Id }));
        Assert.Empty(await ListAsync(new JobFilter { Kind = "other" }));
        Assert.Equal([0, 1, 2], (await again.Jobs.ListOpenAsync(10)).Select(Number));
        Assert.Equal([0], (await again.Jobs.ListOpenAsync(1)).Select(Number));
        Assert.Equal("running", (await again.Jobs.FindAsync(Row(0, "", "").Id))!.State);
        await again.Jobs.RemoveAsync(Row(0, "", "").Id);
        Assert.Null(await again.Jobs.FindAsync(Row(0, "", "").Id));

        async Task<IEnumerable<int>> ListAsync(JobFilter filter) => (await again.Jobs.ListAsync(filter, 10)).Select(Number);
    }

    [Fact]
    public async Task A_log_is_read_from_where_its_reader_stands_and_a_line_is_written_once()
    {
        using var store = _folder.Open();
        await store.Jobs.AppendLogAsync("a", [new(1, Some.Noon, "information", "one"), new(2, Some.Noon, "warning", "two")]);
        await store.Jobs.AppendLogAsync("a", [new(2, Some.Noon, "error", "again"), new(3, Some.Noon, "error", "three")]);
        Assert.Equal(["two", "three"], (await store.Jobs.ReadLogAsync("a", 1, 10)).Select(l => l.Text));
        Assert.Equal(["one"], (await store.Jobs.ReadLogAsync("a", 0, 1)).Select(l => l.Text));
        Assert.Equal((3, 0), (await store.Jobs.LastLogSequenceAsync("a"), await store.Jobs.LastLogSequenceAsync("b")));
    }

    [Fact]
    public async Task Ended_jobs_of_a_kind_are_listed_oldest_first_and_counted_and_go_with_their_log()
    {
        using var store = _folder.Open();
        for (var i = 0; i < 5; i++)
            await store.Jobs.PutAsync(Row(i, "m", i == 1 ? "running" : "failed"));
        await store.Jobs.PutAsync(Row(9, "m", "succeeded") with { Kind = "other" });
        Assert.Equal([0, 2], (await store.Jobs.ListEndedAsync("k", null, 2)).Select(Number));
        Assert.Equal([3, 4], (await store.Jobs.ListEndedAsync("k", Row(2, "", "").Id, 10)).Select(Number));
        Assert.Equal([("k", 4), ("other", 1)], (await store.Jobs.CountEndedAsync()).OrderBy(kind => kind.Key).Select(kind => (kind.Key, kind.Value)));

        var gone = Row(0, "", "").Id;
        foreach (var id in new[] { gone, Row(2, "", "").Id })
            await store.Jobs.AppendLogAsync(id, [new(1, Some.Noon, "information", "one")]);
        await store.Jobs.RemoveAsync(gone);
        Assert.Equal((0, 1), (await store.Jobs.LastLogSequenceAsync(gone), await store.Jobs.LastLogSequenceAsync(Row(2, "", "").Id)));
        Assert.Equal(3, (await store.Jobs.CountEndedAsync())["k"]);
    }

    private static JobRow Row(int number, string model, string state) => new($"{number:x32}", "k", model, state, state is "queued" or "running", Some.Bytes($"{number}"));

    private static int Number(JobRow row) => int.Parse(System.Text.Encoding.UTF8.GetString(row.Document.Span), System.Globalization.CultureInfo.InvariantCulture);
}
