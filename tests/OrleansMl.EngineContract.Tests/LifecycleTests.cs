using Orleans.Runtime;

namespace OrleansMl.EngineContract.Tests;

public sealed class LifecycleTests(EngineCluster engine) : EngineTest(engine)
{
    [Fact]
    public async Task The_first_call_activates_and_OnActivateAsync_is_before_it()
    {
        var key = NewKey();
        await Grains.GetGrain<ILifeGrain>(key).Touch();
        Assert.Equal(["activated"], Journal.Of(key));
    }

    [Fact]
    public async Task Calls_that_come_together_share_one_activation()
    {
        var key = NewKey();
        var activations = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Grains.GetGrain<ILifeGrain>(key).Touch()));
        Assert.Single(activations.Distinct());
        Assert.Equal(["activated"], Journal.Of(key));
    }

    [Fact]
    public async Task Each_activation_has_a_scope_of_services()
    {
        var one = Grains.GetGrain<ILifeGrain>(NewKey());
        var two = Grains.GetGrain<ILifeGrain>(NewKey());
        var scope = await one.ScopeId();
        Assert.NotEqual(Guid.Empty, scope);
        Assert.Equal(scope, await one.ScopeId());
        Assert.NotEqual(scope, await two.ScopeId());
    }

    [Fact]
    public async Task Keyed_services_reach_constructors()
    {
        Assert.Equal("blue", await Grains.GetGrain<ILifeGrain>(NewKey()).Keyed());
    }

    [Fact]
    public async Task DeactivateOnIdle_ends_the_activation_and_the_next_call_makes_a_new_one()
    {
        var key = NewKey();
        var grain = Grains.GetGrain<ILifeGrain>(key);
        var first = await grain.Touch();
        Assert.True(Engine.Cluster.TryGetGrainContext(grain.GetGrainId(), out var context));
        await grain.EndOnIdle();
        await context!.Deactivated.WaitAsync(Patience);
        Assert.Equal(["activated", "deactivated ApplicationRequested", "disposed, scope disposed False"], Journal.Of(key));
        Assert.NotEqual(first, await grain.Touch());
    }

    [Fact]
    public async Task A_running_call_ends_before_OnDeactivateAsync_and_later_calls_go_to_a_new_activation()
    {
        var key = NewKey();
        var grain = Grains.GetGrain<ILifeGrain>(key);
        var first = await grain.Touch();
        var ending = grain.EndOnIdleThenWait(key);
        await Gates.WaitFor($"{key} asked");
        var later = grain.Touch();
        Assert.False(later.IsCompleted);
        Gates.Open(key);
        await ending;
        Assert.NotEqual(first, await later);
        Assert.Equal(["activated", "call over", "deactivated ApplicationRequested"], Journal.Of(key).Take(3));
    }

    [Fact]
    public async Task A_failed_activation_rejects_what_waits_with_the_cause_and_the_next_call_tries_anew()
    {
        var key = NewKey();
        var grain = Grains.GetGrain<IFailingGrain>(key);
        var calls = Enumerable.Range(0, 3).Select(_ => grain.Attempts()).ToArray();
        Gates.Open(key);
        // All that waited are rejected; one that comes after the failure would make a second attempt and succeed.
        var first = await Assert.ThrowsAsync<InvalidDataException>(() => calls[0]);
        Assert.Equal("no luck today", first.Message);
        Assert.Equal(2, await grain.Attempts());
    }

    [Fact]
    public async Task A_constructor_that_throws_rejects_the_call_with_the_cause_within()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => Grains.GetGrain<IFailingConstructorGrain>(NewKey()).Touch());
        Assert.Equal("cannot be made", Assert.IsType<InvalidDataException>(error.InnerException).Message);
    }

    [Fact]
    public async Task A_grain_needs_no_base_class()
    {
        var key = NewKey();
        Assert.Equal(key, await Grains.GetGrain<IPlainGrain>(key).Key());
        Assert.Equal(["activated"], Journal.Of(key));
    }

    [Fact]
    public async Task Idle_activations_are_collected_and_keep_alive_ones_are_not()
    {
        var idle = Grains.GetGrain<ILifeGrain>(NewKey());
        var delayed = Grains.GetGrain<ILifeGrain>(NewKey());
        var kept = Grains.GetGrain<IKeptGrain>(NewKey());
        await Task.WhenAll(idle.Touch(), delayed.Delay(TimeSpan.FromMinutes(5)), kept.Touch());
        Assert.True(Engine.Cluster.TryGetGrainContext(idle.GetGrainId(), out var context));
        var management = Grains.GetGrain<IManagementGrain>(0);
        for (var attempt = 0; attempt < 100 && !context!.Deactivated.IsCompleted; attempt++)
        {
            await management.ForceActivationCollection(TimeSpan.Zero);
            await Task.WhenAny(context.Deactivated, Task.Delay(50));
        }

        Assert.True(context!.Deactivated.IsCompleted);
        Assert.Contains("deactivated ActivationIdle", Journal.Of(idle.GetPrimaryKeyString()));
        Assert.True(Engine.Cluster.TryGetGrainContext(delayed.GetGrainId(), out _));
        Assert.True(Engine.Cluster.TryGetGrainContext(kept.GetGrainId(), out _));
    }

    [Fact]
    public async Task An_activation_can_be_ended_from_outside()
    {
        var key = NewKey();
        var grain = Grains.GetGrain<ILifeGrain>(key);
        var first = await grain.Touch();
        await Engine.Cluster.DeactivateAsync(grain);
        Assert.Contains("activated", Journal.Of(key));
        Assert.Contains(Journal.Of(key), e => e.StartsWith("deactivated", StringComparison.Ordinal));
        Assert.NotEqual(first, await grain.Touch());
    }
}
