using OrleansMl.Learning;

namespace OrleansMl.Grains.Tests;

/// <summary>The loop carries every learner: it bootstraps, is exported, loads and answers.</summary>
[Collection(LoopCollection.Name)]
public sealed class LearnerTypesTests(LoopFixture loop)
{
    /// <summary>Matrix factorization takes two ids and nothing else; the toy has numbers.</summary>
    public static TheoryData<string> Types => [.. LearnerFactory.Kinds.Where(kind => kind.Learns(2) && kind.Name is not ("matrix_factorization" or "head")).Select(kind => kind.Name)];

    [Theory]
    [MemberData(nameof(Types))]
    public async Task A_learner_of_any_type_makes_a_version_that_answers(string type)
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(bootstrap: 60)
            .Replace("type: logistic_regression", $"type: {type}", StringComparison.Ordinal)
            .Replace("params: {learningRate: 0.5, adaptive: true, normalized: true}", "params: {}", StringComparison.Ordinal));
        await toy.TeachAsync(60, 1, z => z > 0);

        var status = (await loop.Control.GetLearnerAsync(toy.Name, default)).Value;
        Assert.Equal(("learning", null, 60L, 1), (status.State, status.Reason, status.Examples, status.ChampionVersion));
        await loop.Get<Serving.PlanCache>().CatchUpAsync(toy.Name, (await loop.Control.GetModelAsync(toy.Name, default)).Value.PlanRevision, default);
        var (high, low) = (await toy.PredictAsync(z: 1.5), await toy.PredictAsync(z: -1.5));
        Assert.Equal((1, 1, null), (high.Version, low.Version, high.Fallback));
        Assert.True(high.Score > low.Score, $"{type} gives {high.Score} and {low.Score}.");

        // It goes on learning after the first version.
        await toy.TeachAsync(20, 2, z => z > 0);
        Assert.Equal(80, (await loop.Control.GetLearnerAsync(toy.Name, default)).Value.Examples);
    }
}
