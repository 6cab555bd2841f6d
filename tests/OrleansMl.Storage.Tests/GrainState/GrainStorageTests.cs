using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansMl.Storage.Embedded;
using OrleansMl.Storage.GrainState;
using OrleansMl.Storage.Tests.Support;

namespace OrleansMl.Storage.Tests.GrainState;

public sealed class GrainStorageTests : IDisposable
{
    private static readonly string[] s_strangeKeys = ["a/b", "a_b", "a\\b", "a#b", "a?b", "a%2Fb", "ключ", "🜁", "a'b\"c; DROP TABLE x", new string('k', 1_000), "-", "."];

    private static readonly GrainId s_grain = GrainId.Create("counter", "1");

    private readonly DataFolder _folder = new();
    private readonly EmbeddedStore _store;
    private readonly EmbeddedGrainStorage _storage;

    public GrainStorageTests()
    {
        _store = _folder.Open();
        _storage = new EmbeddedGrainStorage(_store, new JsonGrainStateSerializer());
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_state_that_was_never_written_reads_as_absent_fresh_and_without_an_etag()
    {
        var state = Holding("stale", 1);
        state.ETag = "7";
        state.RecordExists = true;
        await _storage.ReadStateAsync("s", s_grain, state);
        Assert.Equal((null, false, new Counter()), (state.ETag, state.RecordExists, state.State));
    }

    [Fact]
    public async Task What_was_written_reads_back_with_its_etag_and_every_member()
    {
        var written = Holding("Привет, мир \0 \u2028 🜁", 42, double.NaN, [1, 2, 3]);
        await _storage.WriteStateAsync("s", s_grain, written);
        Assert.True(written.RecordExists);
        Assert.NotNull(written.ETag);
        var read = await Read();
        Assert.Equal((written.ETag, true), (read.ETag, read.RecordExists));
        Assert.Equal(("Привет, мир \0 \u2028 🜁", 42, double.NaN), (read.State!.Name, read.State!.Count, read.State!.Rate));
        Assert.Equal([1, 2, 3], read.State!.Bytes);
    }

    [Fact]
    public async Task Every_write_changes_the_etag_also_one_of_equal_values()
    {
        var state = Holding("a", 1);
        var seen = new List<long>();
        for (var i = 0; i < 4; i++)
        {
            await _storage.WriteStateAsync("s", s_grain, state);
            seen.Add(long.Parse(state.ETag!, System.Globalization.CultureInfo.InvariantCulture));
        }

        Assert.Equal(seen.Order().Distinct(), seen);
    }

    [Fact]
    public async Task A_second_creation_of_an_existing_state_is_inconsistent()
    {
        var first = Holding("first", 1);
        await _storage.WriteStateAsync("s", s_grain, first);
        var error = await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.WriteStateAsync("s", s_grain, Holding("second", 2)));
        Assert.Equal((first.ETag, null), (error.StoredEtag, error.CurrentEtag));
        Assert.Equal("first", (await Read()).State!.Name);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stale_or_foreign_etag_can_neither_write_nor_clear(bool isStale)
    {
        var state = Holding("first", 1);
        await _storage.WriteStateAsync("s", s_grain, state);
        var other = isStale ? state.ETag : "not a number";
        state.State!.Name = "second";
        await _storage.WriteStateAsync("s", s_grain, state);
        var stale = Holding("stale", 9);
        stale.ETag = other;

        var error = await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.WriteStateAsync("s", s_grain, stale));
        Assert.Equal((state.ETag, other), (error.StoredEtag, error.CurrentEtag));
        error = await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.ClearStateAsync("s", s_grain, stale));
        Assert.Equal((state.ETag, other), (error.StoredEtag, error.CurrentEtag));
        var read = await Read();
        Assert.Equal((state.ETag, "second"), (read.ETag, read.State!.Name));
        Assert.Equal(("stale", other), (stale.State!.Name, stale.ETag));
    }

    [Fact]
    public async Task Clearing_without_an_etag_what_another_wrote_is_inconsistent()
    {
        await _storage.WriteStateAsync("s", s_grain, Holding("a", 1));
        await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.ClearStateAsync("s", s_grain, Holding("b", 1)));
        Assert.True((await Read()).RecordExists);
    }

    [Fact]
    public async Task A_write_with_an_etag_of_a_state_that_is_gone_is_inconsistent()
    {
        var state = Holding("a", 1);
        await _storage.WriteStateAsync("s", s_grain, state);
        var stale = Holding("b", 2);
        stale.ETag = state.ETag;
        await _storage.ClearStateAsync("s", s_grain, state);
        var error = await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.WriteStateAsync("s", s_grain, stale));
        Assert.Null(error.StoredEtag);
    }

    [Fact]
    public async Task Clearing_leaves_a_fresh_absent_state_with_another_etag_and_may_be_repeated()
    {
        var state = Holding("a", 1);
        await _storage.WriteStateAsync("s", s_grain, state);
        var before = state.ETag;
        for (var i = 0; i < 2; i++)
        {
            await _storage.ClearStateAsync("s", s_grain, state);
            Assert.NotEqual(before, state.ETag);
            Assert.Equal((false, new Counter()), (state.RecordExists, state.State));
        }

        var read = await Read();
        Assert.Equal((null, false, new Counter()), (read.ETag, read.RecordExists, read.State));
    }

    [Fact]
    public async Task Clearing_what_was_never_written_is_no_error()
    {
        var state = Holding("stale", 1);
        state.RecordExists = true;
        await _storage.ClearStateAsync("s", s_grain, state);
        Assert.Equal((false, new Counter()), (state.RecordExists, state.State));
    }

    [Fact]
    public async Task A_state_can_be_written_again_after_it_was_cleared()
    {
        var state = Holding("a", 1);
        await _storage.WriteStateAsync("s", s_grain, state);
        await _storage.ClearStateAsync("s", s_grain, state);
        state.State = new Counter { Name = "b", Count = 2 };
        await _storage.WriteStateAsync("s", s_grain, state);
        var read = await Read();
        Assert.Equal((true, "b", state.ETag), (read.RecordExists, read.State!.Name, read.ETag));
    }

    [Fact]
    public async Task An_etag_from_before_a_clear_never_fits_the_state_created_anew()
    {
        var old = Holding("a", 1);
        await _storage.WriteStateAsync("s", s_grain, old);
        var clearing = await Read();
        await _storage.ClearStateAsync("s", s_grain, clearing);
        await _storage.WriteStateAsync("s", s_grain, clearing);
        await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.WriteStateAsync("s", s_grain, old));
    }

    [Fact]
    public async Task State_names_and_grains_have_records_of_their_own()
    {
        await _storage.WriteStateAsync("s", s_grain, Holding("a", 1));
        await _storage.WriteStateAsync("t", s_grain, Holding("b", 2));
        await _storage.WriteStateAsync("s", GrainId.Create("counter", "2"), Holding("c", 3));
        await _storage.WriteStateAsync("s", GrainId.Create("other", "1"), Holding("d", 4));
        Assert.Equal("a", (await Read()).State!.Name);
        Assert.Equal("b", (await Read("t")).State!.Name);
        Assert.Equal("c", (await Read("s", GrainId.Create("counter", "2"))).State!.Name);
        Assert.Equal("d", (await Read("s", GrainId.Create("other", "1"))).State!.Name);
    }

    [Fact]
    public async Task Strange_keys_stay_apart()
    {
        foreach (var key in s_strangeKeys)
            await _storage.WriteStateAsync("s", GrainId.Create("g", key), Holding(key, 1));
        foreach (var key in s_strangeKeys)
            Assert.Equal(key, (await Read("s", GrainId.Create("g", key))).State!.Name);
    }

    [Fact]
    public async Task A_state_of_five_megabytes_reads_back()
    {
        var bytes = new byte[5 << 20];
        new Random(1).NextBytes(bytes);
        var state = Holding("large", 1, 0, bytes);
        await _storage.WriteStateAsync("s", s_grain, state);
        await _storage.WriteStateAsync("s", s_grain, state);
        Assert.Equal(bytes, (await Read()).State!.Bytes);
    }

    [Fact]
    public async Task Of_writers_with_one_etag_exactly_one_wins()
    {
        var start = Holding("start", 0);
        await _storage.WriteStateAsync("s", s_grain, start);
        var results = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(async () =>
        {
            var mine = Holding($"w{i}", i);
            mine.ETag = start.ETag;
            try
            {
                await _storage.WriteStateAsync("s", s_grain, mine);
                return mine;
            }
            catch (InconsistentStateException)
            {
                return null;
            }
        })));
        var winner = Assert.Single(results, r => r is not null)!;
        var read = await Read();
        Assert.Equal((winner.ETag, winner.State), (read.ETag, read.State));
    }

    [Fact]
    public async Task Many_grains_write_and_read_at_once()
        => await Parallel.ForEachAsync(Enumerable.Range(0, 100), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            var grain = GrainId.Create("g", $"{i}");
            var state = Holding($"{i}", 0);
            for (var k = 1; k <= 10; k++)
            {
                state.State!.Count = k;
                await _storage.WriteStateAsync("s", grain, state);
                var read = await Read("s", grain);
                Assert.Equal((state.ETag, k), (read.ETag, read.State!.Count));
            }
        });

    [Fact]
    public async Task What_changes_after_the_call_is_no_part_of_the_write()
    {
        var state = Holding("before", 1);
        var write = _storage.WriteStateAsync("s", s_grain, state);
        state.State!.Name = "after";
        await write;
        Assert.Equal("before", (await Read()).State!.Name);
    }

    [Fact]
    public async Task State_outlives_the_store()
    {
        var state = Holding("a", 1);
        await _storage.WriteStateAsync("s", s_grain, state);
        _store.Dispose();
        using var again = _folder.Open();
        var read = new GrainState<Counter>();
        await new EmbeddedGrainStorage(again, new JsonGrainStateSerializer()).ReadStateAsync("s", s_grain, read);
        Assert.Equal((state.ETag, "a"), (read.ETag, read.State!.Name));
    }

    private static GrainState<Counter> Holding(string name, int count, double rate = 0, byte[]? bytes = null)
        => new() { State = new Counter { Name = name, Count = count, Rate = rate, Bytes = bytes } };

    private async Task<GrainState<Counter>> Read(string name = "s", GrainId? grain = null)
    {
        var state = new GrainState<Counter> { State = new Counter { Name = "to be replaced" } };
        await _storage.ReadStateAsync(name, grain ?? s_grain, state);
        return state;
    }

    public sealed record Counter
    {
        public string? Name { get; set; }

        public int Count { get; set; }

        public double Rate { get; set; }

        public byte[]? Bytes { get; set; }
    }
}
