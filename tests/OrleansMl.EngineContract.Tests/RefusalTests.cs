using Orleans.Serialization;

namespace OrleansMl.EngineContract.Tests;

public sealed class RefusalTests(EngineCluster engine) : EngineTest(engine)
{
    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("\t")]
    public void A_key_of_white_space_is_refused(string key)
    {
        Assert.Throws<ArgumentException>(() => Grains.GetGrain<IStringKeyGrain>(key));
    }

    [Fact]
    public void A_key_that_is_null_is_refused()
    {
        Assert.Throws<ArgumentNullException>(() => Grains.GetGrain<IStringKeyGrain>(null!));
    }

    [Fact]
    public void An_empty_extension_of_a_compound_key_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Grains.GetGrain<IIntegerCompoundKeyGrain>(1, " "));
    }

    [Fact]
    public void An_interface_with_two_implementations_needs_a_prefix()
    {
        var error = Assert.Throws<ArgumentException>(() => Grains.GetGrain<IShapeGrain>(NewKey()));
        Assert.Contains("roundshape", error.Message, StringComparison.Ordinal);
        Assert.Contains("squareshape", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_prefix_that_matches_nothing_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Grains.GetGrain<IShapeGrain>(NewKey(), "Nothing.Like.This"));
    }

    [Fact]
    public void An_interface_without_an_implementation_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Grains.GetGrain<IUnimplementedGrain>(NewKey()));
    }

    [Fact]
    public async Task An_argument_that_is_not_marked_is_refused_before_it_is_sent()
    {
        var key = NewKey();
        var error = await Assert.ThrowsAsync<CodecNotFoundException>(async () => await Grains.GetGrain<IRefusingGrain>(key).Take(new UnmarkedMessage()));
        Assert.Contains(nameof(UnmarkedMessage), error.Message, StringComparison.Ordinal);
        Assert.Empty(Journal.Of(key));
    }

    [Fact]
    public async Task An_argument_that_holds_something_unmarked_is_refused()
    {
        await Assert.ThrowsAsync<CodecNotFoundException>(async () => await Grains.GetGrain<IRefusingGrain>(NewKey()).Take(new List<UnmarkedMessage> { new() }));
    }

    [Fact]
    public async Task A_result_that_is_not_marked_is_an_error_of_the_call()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => Grains.GetGrain<IRefusingGrain>(NewKey()).Give());
        Assert.Contains(nameof(UnmarkedMessage), error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_delegate_is_refused()
    {
        await Assert.ThrowsAnyAsync<Exception>(async () => await Grains.GetGrain<IRefusingGrain>(NewKey()).Take(new Func<int>(() => 1)));
    }

    [Fact]
    public async Task An_observer_that_is_not_a_reference_is_refused()
    {
        await Assert.ThrowsAnyAsync<Exception>(async () => await Grains.GetGrain<IRefusingGrain>(NewKey()).TakeObserver(new NewsReader("x")));
    }

    [Fact]
    public void A_grain_cannot_be_made_by_hand_and_have_an_identity()
    {
        Assert.ThrowsAny<Exception>(() => new StringKeyGrain().GetPrimaryKeyString());
    }
}
