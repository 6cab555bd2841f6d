using OrleansMl.Storage.Tests.Support;

namespace OrleansMl.Storage.Tests.Streams;

public sealed class DeadLetterStoreTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_letter_is_found_whole_after_reopening()
    {
        var letter = Letter(1) with { Key = "k", Type = "t", RecordId = "r", Stream = "7", Payload = new byte[] { 0, 1, 255 }, Attributes = new byte[] { 2, 0 } };
        using (var store = _folder.Open())
            await store.DeadLetters.AppendAsync([letter]);
        using var again = _folder.Open();
        var found = await again.DeadLetters.FindAsync(letter.Id);
        Assert.Equal(letter with { Payload = default, Attributes = default }, found! with { Payload = default, Attributes = default });
        Assert.Equal(letter.Payload.ToArray(), found.Payload.ToArray());
        Assert.Equal(letter.Attributes.ToArray(), found.Attributes.ToArray());
        Assert.Null(await again.DeadLetters.FindAsync("none"));
    }

    [Fact]
    public async Task A_source_keeps_its_first_letter()
    {
        using var store = _folder.Open();
        await store.DeadLetters.AppendAsync([Letter(1), Letter(2)]);
        await store.DeadLetters.AppendAsync([Letter(1), Letter(3) with { Source = Letter(2).Source, Reason = "another" }]);
        Assert.Equal([Letter(1).Id, Letter(2).Id], (await store.DeadLetters.ListAsync(null, 10)).Select(l => l.Id));
        Assert.Equal("unparsable", (await store.DeadLetters.FindAsync(Letter(2).Id))!.Reason);
    }

    [Fact]
    public async Task Letters_are_listed_page_by_page_in_the_order_of_their_ids()
    {
        using var store = _folder.Open();
        await store.DeadLetters.AppendAsync([.. Enumerable.Range(0, 25).Reverse().Select(Letter)]);
        var ids = new List<string>();
        while (await store.DeadLetters.ListAsync(ids.LastOrDefault(), 10) is { Count: > 0 } page)
            ids.AddRange(page.Select(l => l.Id));
        Assert.Equal(Enumerable.Range(0, 25).Select(i => Letter(i).Id), ids);
    }

    [Fact]
    public async Task A_letter_that_was_sent_again_says_when()
    {
        using var store = _folder.Open();
        await store.DeadLetters.AppendAsync([Letter(1)]);
        Assert.True(await store.DeadLetters.MarkReplayedAsync(Letter(1).Id, Some.Noon.AddDays(1)));
        Assert.False(await store.DeadLetters.MarkReplayedAsync("none", Some.Noon));
        Assert.Equal(Some.Noon.AddDays(1), (await store.DeadLetters.FindAsync(Letter(1).Id))!.Replayed);
    }

    private static DeadLetter Letter(int number) => new()
    {
        Id = $"{number:x32}",
        Source = $"local:queue/0@{number}",
        Namespace = "events",
        Reason = "unparsable",
        Detail = "It is no record.",
        Created = Some.Noon,
        Payload = Some.Bytes("x"),
    };
}
