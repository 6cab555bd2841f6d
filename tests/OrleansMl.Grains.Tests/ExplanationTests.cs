using OrleansMl.Services;
using OrleansMl.Serving;

namespace OrleansMl.Grains.Tests;

[Collection(LoopCollection.Name)]
public sealed class ExplanationTests(LoopFixture loop)
{
    [Fact]
    public async Task A_contribution_is_the_score_less_the_score_without_the_column()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(bootstrap: 60));
        await toy.TeachAsync(60, 1, z => z > 0);
        await loop.Get<PlanCache>().CatchUpAsync(toy.Name, (await loop.Control.GetModelAsync(toy.Name, default)).Value.PlanRevision, default);

        var explained = await PredictAsync(toy, [new NamedValue("z", Scalar.Of(1.5))]);
        var without = await PredictAsync(toy, []);
        var explanation = explained.Explanation!;
        Assert.Equal(("occlusion", explained.Score!.Value), (explanation.Method, explanation.Score));
        Assert.Equal(explained.Features.Select(f => (f.Name, f.Value)), explanation.Columns.Select(c => (c.Name, c.Value)));
        var z = explanation.Columns.Single(c => c.Name == "z").Contribution!.Value;
        Assert.Equal(explained.Score.Value - without.Score!.Value, z, 1e-9);
        Assert.True(z > 0.1, $"z = 1.5 makes 'yes' likelier by {z}");
        Assert.All(explanation.Columns.Where(c => c.Value.IsMissing), c => Assert.Equal(0, c.Contribution));
        Assert.NotNull(explanation.Baseline);
    }

    [Fact]
    public async Task A_repeated_request_gets_the_same_explanation_and_one_that_asks_for_none_gets_none()
    {
        var toy = await UnlearnedAsync();
        var first = await PredictAsync(toy, [new NamedValue("z", Scalar.Of(0.5))], "r1");
        var again = await PredictAsync(toy, [new NamedValue("z", Scalar.Of(0.5))], "r1");
        Assert.Equal(first.PredictionId, again.PredictionId);
        Assert.Equal(first.Explanation!.Columns.AsEnumerable(), again.Explanation!.Columns);
        Assert.Null((await toy.PredictAsync(z: 0.5)).Explanation);
    }

    [Fact]
    public async Task A_model_without_an_answer_for_a_missing_value_says_so()
    {
        var toy = await UnlearnedAsync();
        var explanation = (await PredictAsync(toy, [new NamedValue("z", Scalar.Of(0.5))])).Explanation!;
        Assert.Equal((0.75, null, null), (explanation.Score, explanation.Baseline, explanation.Columns.Single(c => c.Name == "z").Contribution));
    }

    [Fact]
    public async Task The_prior_is_not_explained()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml());
        var answer = await PredictAsync(toy, [new NamedValue("z", Scalar.Of(0.5))]);
        Assert.Equal(("prior", null), (answer.Fallback, answer.Explanation));
    }

    /// <summary>A model without pipeline and learner: score = z + 0.25.</summary>
    private async Task<Toy> UnlearnedAsync()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.YamlOfFile());
        Assert.True((await loop.Control.RegisterAsync(new RegisterVersion(toy.Name, Models.Add(0.25f, "z")), default)).IsSuccess);
        return toy;
    }

    private async Task<PredictResponse> PredictAsync(Toy toy, NamedValue[] inputs, string? requestId = null)
    {
        var predicted = await loop.Predictions.PredictAsync(new PredictRequest { Model = toy.Name, Entity = toy.Entity(), Inputs = [.. inputs], RequestId = requestId, IncludeFeatures = true, IncludeExplanation = true }, default);
        Assert.True(predicted.IsSuccess, predicted.Error?.Detail);
        return predicted.Value;
    }
}
