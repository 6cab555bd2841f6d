using Orleans.Storage;

namespace OrleansMl.EngineContract.Tests;

public sealed class StateTests(EngineCluster engine) : EngineTest(engine)
{
    private IStateGrain New() => Grains.GetGrain<IStateGrain>(NewKey());

    [Fact]
    public async Task A_state_that_was_never_written_is_fresh_and_has_no_tag()
    {
        var grain = New();
        Assert.Equal("False 0", await grain.AtActivation());
        Assert.Equal((false, null, 0), await grain.Info());
    }

    [Fact]
    public async Task A_written_state_is_there_before_the_next_activation_starts()
    {
        var grain = New();
        await grain.Set(5, write: true);
        await Engine.Cluster.DeactivateAsync(grain);
        Assert.Equal("True 5", await grain.AtActivation());
    }

    [Fact]
    public async Task What_was_not_written_is_lost_with_the_activation()
    {
        var grain = New();
        await grain.Set(5, write: true);
        await grain.Set(6, write: false);
        Assert.Equal(6, await grain.Get());
        await Engine.Cluster.DeactivateAsync(grain);
        Assert.Equal(5, await grain.Get());
    }

    [Fact]
    public async Task Reading_again_drops_what_was_not_written()
    {
        var grain = New();
        await grain.Set(5, write: true);
        await grain.Set(6, write: false);
        await grain.Reread();
        Assert.Equal(5, await grain.Get());
    }

    [Fact]
    public async Task Each_write_changes_the_tag()
    {
        var grain = New();
        await grain.Set(1, write: true);
        var first = await grain.Info();
        await grain.Set(2, write: true);
        var second = await grain.Info();
        Assert.True(first.Exists);
        Assert.NotNull(first.ETag);
        Assert.NotEqual(first.ETag, second.ETag);
    }

    [Fact]
    public async Task Clearing_gives_a_fresh_state_that_can_be_written_again()
    {
        var grain = New();
        await grain.Set(5, write: true);
        await grain.Clear();
        var info = await grain.Info();
        Assert.False(info.Exists);
        Assert.Equal(0, info.Value);
        await Engine.Cluster.DeactivateAsync(grain);
        Assert.Equal("False 0", await grain.AtActivation());
        await grain.Set(6, write: true);
        await Engine.Cluster.DeactivateAsync(grain);
        Assert.Equal("True 6", await grain.AtActivation());
    }

    [Fact]
    public async Task States_of_two_stores_are_apart()
    {
        var grain = New();
        await grain.Set(1, write: true);
        await grain.SetSecond(2);
        await Engine.Cluster.DeactivateAsync(grain);
        Assert.Equal((1, 2), (await grain.Get(), await grain.GetSecond()));
    }

    [Fact]
    public async Task The_state_cannot_be_touched_outside_of_a_turn()
    {
        Assert.Equal("refused", await New().TouchOutsideOfTheTurn());
    }

    [Fact]
    public async Task Writes_asked_for_together_end_with_the_last_value()
    {
        var grain = New();
        await grain.WriteManyAtOnce(10);
        await Engine.Cluster.DeactivateAsync(grain);
        Assert.Equal(10, await grain.Get());
    }

    [Fact]
    public async Task A_write_under_a_stale_tag_is_a_conflict()
    {
        var grain = Grains.GetGrain<IConflictGrain>(NewKey());
        await grain.Set(1);
        await grain.Overwrite(2);
        Assert.Equal("conflict with tags", await grain.SetAndCatch(3));
    }

    [Fact]
    public async Task An_escaping_conflict_ends_the_activation_and_the_next_one_reads_what_is_stored()
    {
        var grain = Grains.GetGrain<IConflictGrain>(NewKey());
        await grain.Set(1);
        var before = await grain.Activation();
        await grain.Overwrite(2);
        await Assert.ThrowsAnyAsync<InconsistentStateException>(() => grain.Set(3));
        Assert.NotEqual(before, await grain.Activation());
        Assert.Equal(2, await grain.Get());
        await grain.Set(4);
    }

    [Fact]
    public async Task A_store_that_is_not_registered_is_named_in_the_error()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => Grains.GetGrain<IMissingStoreGrain>(NewKey()).Touch());
        Assert.Contains("nowhere", error.ToString(), StringComparison.Ordinal);
    }
}
