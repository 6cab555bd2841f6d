using System.Text;
using OrleansMl.Storage.Tests.Support;

namespace OrleansMl.Storage.Tests.Logs;

public sealed class OutboxTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Offsets_rise_within_a_topic_in_the_order_of_appends()
    {
        using var store = _folder.Open();
        await store.Outbox.AppendAsync([new("a", Some.Bytes("1")), new("b", Some.Bytes("2")), new("a", Some.Bytes("3"))]);
        await store.Outbox.AppendAsync([new("a", Some.Bytes(""))]);
        Assert.Equal([(1, "1"), (2, "3"), (3, "")], await Read(store.Outbox, "a", 0));
        Assert.Equal([(3, "")], await Read(store.Outbox, "a", 2));
        Assert.Equal([(1, "2")], await Read(store.Outbox, "b", 0));
        Assert.Equal(2, (await store.Outbox.ReadAsync("a", 0, 2)).Count);
        Assert.Empty(await store.Outbox.ReadAsync("none", 0, 2));
        Assert.Equal(["a", "b"], await store.Outbox.ListTopicsAsync());
    }

    [Fact]
    public async Task An_offset_is_never_used_again_after_trimming_and_reopening()
    {
        using (var store = _folder.Open())
        {
            await store.Outbox.AppendAsync([new("a", Some.Bytes("1")), new("a", Some.Bytes("2")), new("a", Some.Bytes("3"))]);
            await store.Outbox.TrimAsync("a", 2);
            Assert.Equal([(3, "3")], await Read(store.Outbox, "a", 0));
            await store.Outbox.TrimAsync("a", 100);
            Assert.Empty(await store.Outbox.ListTopicsAsync());
        }

        using var again = _folder.Open();
        await again.Outbox.AppendAsync([new("a", Some.Bytes("4"))]);
        Assert.Equal([(4, "4")], await Read(again.Outbox, "a", 0));
    }

    [Fact]
    public async Task Trimming_more_than_one_delete_takes_removes_it_all()
    {
        using var store = _folder.Open();
        for (var i = 0; i < 5; i++)
            await store.Outbox.AppendAsync([.. Enumerable.Range(0, 2_000).Select(_ => new OutboxAppend("a", Some.Bytes("x")))]);
        await store.Outbox.AppendAsync([new("b", Some.Bytes("y"))]);
        await store.Outbox.TrimAsync("a", 9_999);
        Assert.Equal([(10_000, "x")], await Read(store.Outbox, "a", 0));
        Assert.Equal([(1, "y")], await Read(store.Outbox, "b", 0));
    }

    [Fact]
    public async Task Listeners_are_told_after_the_commit_and_a_failing_one_disturbs_nobody()
    {
        using var store = _folder.Open();
        var seen = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        store.Outbox.Appended += _ => throw new InvalidOperationException("a failing listener");
        store.Outbox.Appended += topic => seen.TrySetResult(store.Outbox.ReadAsync(topic, 0, 10).AsTask().Result.Count);
        await store.Outbox.AppendAsync([new("a", Some.Bytes("1")), new("a", Some.Bytes("2"))]);
        Assert.Equal(2, await seen.Task.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task A_listener_that_blocks_holds_up_no_commit()
    {
        using var store = _folder.Open();
        using var release = new ManualResetEventSlim();
        using var entered = new ManualResetEventSlim();
        store.Outbox.Appended += _ =>
        {
            entered.Set();
            release.Wait(TimeSpan.FromSeconds(20));
        };
        await store.Outbox.AppendAsync([new("a", Some.Bytes("1"))]);
        Assert.True(entered.Wait(TimeSpan.FromSeconds(20)));
        await store.Outbox.AppendAsync([new("a", Some.Bytes("2"))]).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        release.Set();
    }

    private static async Task<(long, string)[]> Read(IOutbox outbox, string topic, long after)
        => [.. (await outbox.ReadAsync(topic, after, 100_000)).Select(i => (i.Offset, Encoding.UTF8.GetString(i.Payload.Span)))];
}
