using OrleansMl.Live;
using OrleansMl.Serving;
using OrleansMl.Services;

namespace OrleansMl.Grains.Tests;

/// <summary>The toy with a live learner.</summary>
internal static class LiveToy
{
    public static string LiveYaml(this Toy toy, int snapshotEvery = 0, string type = "logistic_regression", string parameters = "{learningRate: 0.5}", string promotion = "{metric: log_loss, minOutcomes: 100000}")
    {
        var yaml = toy.Yaml(bootstrap: 40)
            .Replace("serve: promoted", $"serve: live\n      snapshotEvery: {snapshotEvery}", StringComparison.Ordinal)
            .Replace("type: logistic_regression", $"type: {type}", StringComparison.Ordinal)
            .Replace("{learningRate: 0.5, adaptive: true, normalized: true}", parameters, StringComparison.Ordinal);
        var rule = yaml.IndexOf("promotion: ", StringComparison.Ordinal);
        return $"{yaml[..rule]}promotion: {promotion}{yaml[yaml.IndexOf('\n', rule)..]}";
    }

    /// <summary>Waits until every silo's copy is where the learner is, under the plan as it stands; the learner.</summary>
    public static async Task<LearnerStatus> FollowedAsync(this LoopFixture loop, Toy toy)
    {
        await toy.DrainAsync();
        var learner = (await loop.Control.GetLearnerAsync(toy.Name, default)).Value;
        var plan = (await loop.Control.GetModelAsync(toy.Name, default)).Value.PlanRevision;
        for (var silo = 0; silo < loop.Cluster.Silos.Count; silo++)
        {
            await loop.Get<PlanCache>(silo).CatchUpAsync(toy.Name, plan, default);
            var copies = loop.Get<LiveLearners>(silo);
            await Eventually.IsAsync(() => Task.FromResult(copies.PositionOf(toy.Name)?.Revision is var at && at == learner.Revision ? null : $"The copy stands at {at}, the learner at {learner.Revision}."));
        }

        return learner;
    }

    public static async Task<PredictResponse> AskAsync(this LoopFixture loop, Toy toy, double z, int silo = 0, int? version = null)
    {
        var answer = await loop.Get<IPredictionService>(silo).PredictAsync(
            new PredictRequest { Model = toy.Name, Entity = toy.Entity("asked"), Inputs = [new NamedValue("z", Scalar.Of(z))], Version = version, IncludeExplanation = true }, default);
        Assert.True(answer.IsSuccess, answer.Error?.Detail);
        return answer.Value;
    }
}
