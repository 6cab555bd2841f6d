namespace OrleansMl.Grains.Tests;

/// <summary>The loop carries stages that see several columns: they are fitted at the bootstrap, exported, loaded and answer.</summary>
[Collection(LoopCollection.Name)]
public sealed class MultivariateStageTests(LoopFixture loop)
{
    [Theory]
    [InlineData("kmeans: {columns: numeric, k: 4, seed: 3, starts: 2, prefix: near}")]
    [InlineData("pca: {columns: numeric, variance: 0.99}")]
    [InlineData("pca: {columns: numeric, components: 3, prefix: axis}")]
    public async Task A_declared_stage_makes_a_version_that_answers(string stage)
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(bootstrap: 60).Replace("- standard_scale: {columns: numeric}\n", $"- standard_scale: {{columns: numeric}}\n      - {stage}\n", StringComparison.Ordinal));
        await toy.TeachAsync(60, 1, z => z > 0);

        var status = (await loop.Control.GetLearnerAsync(toy.Name, default)).Value;
        Assert.Equal(("learning", null, 60L, 1), (status.State, status.Reason, status.Examples, status.ChampionVersion));
        await loop.Get<Serving.PlanCache>().CatchUpAsync(toy.Name, (await loop.Control.GetModelAsync(toy.Name, default)).Value.PlanRevision, default);
        var (high, low) = (await toy.PredictAsync(z: 1.5), await toy.PredictAsync(z: -1.5));
        Assert.Equal((1, 1, null), (high.Version, low.Version, high.Fallback));
        Assert.True(high.Score > low.Score, $"With {stage} the answers are {high.Score} and {low.Score}.");
    }
}
