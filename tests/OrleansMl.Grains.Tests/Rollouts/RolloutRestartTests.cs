namespace OrleansMl.Grains.Tests.Rollouts;

/// <summary>On a cluster of its own, which it stops and starts.</summary>
public sealed class RolloutRestartTests(LoopFixture loop) : IClassFixture<LoopFixture>
{
    [Fact]
    public async Task A_rollout_goes_on_after_a_restart_in_each_of_its_stages()
    {
        var scene = await RolloutScene.StartAsync(loop, candidate: 0.4f);
        var begun = await scene.BeginAsync();
        await scene.UntilAsync(r => r.Steps[^1].Evidence is { N: >= 15 });
        await loop.RestartAsync();
        var again = await scene.ReadAsync();
        Assert.Equal((begun.Id, RolloutState.Running, "shadow"), (again.Id, again.State, again.Steps[^1].Stage));
        Assert.True(again.Steps[^1].Evidence!.N >= 15, "what was compared before the restart counts");

        await scene.UntilAsync(r => r.Steps.Length == 2);
        await loop.RestartAsync();
        loop.Clock.Advance(TimeSpan.FromMinutes(10));
        var promoted = await scene.UntilAsync(r => !r.IsUnderWay);
        Assert.Equal((begun.Id, RolloutState.Promoted), (promoted.Id, promoted.State));
        Assert.Equal(2, (await scene.ModelAsync()).Aliases["champion"]);
        Assert.Single(await scene.PromotionsAsync(), p => p.Rollout == begun.Id);
    }
}
