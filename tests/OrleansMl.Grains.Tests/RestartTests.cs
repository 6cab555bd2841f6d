namespace OrleansMl.Grains.Tests;

/// <summary>On a cluster of its own, which it stops and starts.</summary>
public sealed class RestartTests(LoopFixture loop) : IClassFixture<LoopFixture>
{
    [Fact]
    public async Task After_a_restart_everything_goes_on_where_it_was()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(bootstrap: 40));
        await toy.TeachAsync(25, 1, z => z > 0);

        // In the middle of the bootstrap: its rows come again from the log.
        await loop.RestartAsync();
        await toy.TeachAsync(30, 2, z => z > 0);
        var learner = (await loop.Control.GetLearnerAsync(toy.Name, default)).Value;
        Assert.Equal(("learning", 55L, 1), (learner.State, learner.Examples, learner.ChampionVersion));
        var before = await toy.PredictAsync(z: 0.7);
        var features = await toy.ReadAsync();

        await loop.RestartAsync();
        var after = await toy.PredictAsync(z: 0.7);
        Assert.Equal((before.Version, before.Score), (after.Version, after.Score));
        Assert.Equal(features.ToArray(), (await toy.ReadAsync()).ToArray());
        var again = (await loop.Control.GetLearnerAsync(toy.Name, default)).Value;
        Assert.Equal((learner.State, learner.Examples), (again.State, again.Examples));
        Assert.Equal(learner.Losses.ToArray(), again.Losses.ToArray());

        await toy.TeachAsync(5, 3, z => z > 0);
        Assert.Equal(60, (await loop.Control.GetLearnerAsync(toy.Name, default)).Value.Examples);
    }
}
