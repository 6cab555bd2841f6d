using Orleans.Runtime;

namespace OrleansMl.EngineContract.Tests;

public sealed class IdentityTests(EngineCluster engine) : EngineTest(engine)
{
    [Fact]
    public async Task A_grain_knows_its_string_key()
    {
        var key = NewKey();
        Assert.Equal(key, await Grains.GetGrain<IStringKeyGrain>(key).GetKey());
    }

    [Fact]
    public async Task A_grain_knows_its_guid_key()
    {
        var key = Guid.NewGuid();
        Assert.Equal(key, await Grains.GetGrain<IGuidKeyGrain>(key).GetKey());
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(255, "FF")]
    [InlineData(-1, "FFFFFFFFFFFFFFFF")]
    [InlineData(long.MaxValue, "7FFFFFFFFFFFFFFF")]
    public async Task An_integer_key_is_upper_case_hexadecimal(long key, string text)
    {
        var grain = Grains.GetGrain<IIntegerKeyGrain>(key);
        Assert.Equal(key, await grain.GetKey());
        Assert.Equal(text, await grain.GetRawKey());
    }

    [Fact]
    public async Task Compound_keys_keep_both_parts()
    {
        var id = Guid.NewGuid();
        Assert.Equal($"{id:D} and a+b", await Grains.GetGrain<IGuidCompoundKeyGrain>(id, "a+b").GetKeys());
        Assert.Equal("-7 and x y", await Grains.GetGrain<IIntegerCompoundKeyGrain>(-7, "x y").GetKeys());
    }

    [Fact]
    public async Task The_grain_type_is_the_class_name_in_lower_case_without_the_suffix_unless_named()
    {
        var key = NewKey();
        Assert.Equal($"stringkey/{key}", await Grains.GetGrain<IStringKeyGrain>(key).GetId());
        Assert.Equal("contract.integer/A", Grains.GetGrain<IIntegerKeyGrain>(10).GetGrainId().ToString());
    }

    [Fact]
    public async Task References_of_one_id_are_equal_and_reach_one_activation()
    {
        var key = NewKey();
        var one = Grains.GetGrain<IStringKeyGrain>(key);
        var two = Grains.GetGrain<IStringKeyGrain>(GrainId.Create("stringkey", key));
        Assert.Equal(one, two);
        Assert.Equal(one.GetHashCode(), two.GetHashCode());
        Assert.NotEqual(one, Grains.GetGrain<IStringKeyGrain>(NewKey()));
        var activations = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? one : two).GetActivation()));
        Assert.Single(activations.Distinct());
    }

    [Fact]
    public async Task References_travel_as_arguments_and_results()
    {
        var key = NewKey();
        var grain = Grains.GetGrain<IStringKeyGrain>(key);
        Assert.Equal(grain, await grain.GetSelf());
        Assert.Equal(key, await Grains.GetGrain<IStringKeyGrain>(NewKey()).KeyOf(grain));
    }

    [Fact]
    public void Making_a_reference_activates_nothing()
    {
        var grain = Grains.GetGrain<IStringKeyGrain>(NewKey());
        Assert.False(Engine.Cluster.TryGetGrainContext(grain.GetGrainId(), out _));
    }

    [Fact]
    public async Task A_prefix_chooses_between_two_implementations()
    {
        Assert.Equal("round", await Grains.GetGrain<IShapeGrain>(NewKey(), typeof(RoundShape).FullName).Name());
        Assert.Equal("square", await Grains.GetGrain<IShapeGrain>(NewKey(), typeof(SquareShape).FullName).Name());
    }

    [Fact]
    public void A_grain_id_reads_back_from_its_text()
    {
        var id = GrainId.Create("some.type", "a/b");
        Assert.Equal("some.type/a/b", id.ToString());
        Assert.Equal(id, GrainId.Parse(id.ToString()));
        Assert.Equal(id, System.Text.Json.JsonSerializer.Deserialize<GrainId>(System.Text.Json.JsonSerializer.Serialize(id)));
        Assert.False(GrainId.TryParse("no slash", out _));
    }

    [Theory]
    [InlineData("", 90033154u)]
    [InlineData("a", 1378845465u)]
    [InlineData("abcdefgh", 1670572264u)]
    [InlineData("the quick brown fox jumps over the lazy dog", 3721937541u)]
    public void The_stable_hash_is_the_same_on_both_engines(string text, uint hash)
    {
        // Reminder tables are read by ranges of it: what one engine stored, the other must find.
        Assert.Equal(hash, StableHash.ComputeHash(text));
    }

    [Theory]
    [InlineData("contract.integer", "0", 391583586u)]
    [InlineData("some.grain", "0123456789ABCDEF-and-more", 1627956344u)]
    public void The_uniform_hash_of_a_grain_id_is_the_same_on_both_engines(string type, string key, uint hash)
    {
        Assert.Equal(hash, GrainId.Create(type, key).GetUniformHashCode());
    }

    [Fact]
    public async Task An_extension_answers_for_any_grain()
    {
        var key = NewKey();
        var extension = Grains.GetGrain<IStringKeyGrain>(key).AsReference<IGreetingExtension>();
        Assert.Equal($"{key} greets you", await extension.Greet("you"));
    }
}
