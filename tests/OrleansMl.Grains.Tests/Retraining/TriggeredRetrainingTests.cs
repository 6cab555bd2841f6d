using System.Text.Json;

namespace OrleansMl.Grains.Tests.Retraining;

/// <summary>From what is declared to a version that serves, with the runner that is the product's.</summary>
[Collection(LoopCollection.Name)]
public sealed class TriggeredRetrainingTests(LoopFixture loop)
{
    [Fact]
    public async Task Enough_outcomes_make_a_version_by_what_is_declared_and_a_data_set_of_the_log_is_taken_as_it_is()
    {
        var toy = new RetrainToy(loop);
        var yaml = toy.Toy.Yaml(minOutcomes: 30);
        var (learner, promotion) = (yaml.IndexOf("    learner:", StringComparison.Ordinal), yaml.IndexOf("    promotion:", StringComparison.Ordinal));
        await toy.Toy.ApplyAsync(yaml[..learner] + """
                trainer: {type: logistic_regression, params: {epochs: 4, learningRate: 0.5}, seed: 3}
                retrain:
                  minRows: 60
                  split: {validation: 0, test: 0.4}
                  on: [{outcomes: 120}]

            """.ReplaceLineEndings("\n") + yaml[promotion..]);
        var schedule = loop.Grains.GetGrain<IRetrainScheduleGrain>(toy.Name);
        await schedule.CheckAsync();

        // The first version learned a world that has turned since.
        await toy.RetrainAsync(toy.Spec(dataset: await toy.UploadAsync(toy.Csv(160, 1, turned: true))));
        await toy.LabelAsync(120, 1);
        await schedule.CheckAsync();
        var run = Assert.Single((await schedule.GetAsync()).Value.Triggers).Last!;
        var job = await toy.EndAsync(run.Job!);
        Assert.True(job.State == JobState.Succeeded, job.Error?.Detail);
        Assert.Equal(("outcomes:120", toy.Name), (job.Spec.By, job.Spec.Model));
        using (var result = JsonDocument.Parse(job.Result!))
            Assert.Equal("promoted", result.RootElement.GetProperty("decision").GetString());
        var lineage = (await toy.ModelAsync()).Versions.Single(v => v.Manifest.Version == 2).Manifest.Lineage!;
        Assert.Equal(("logistic_regression", 3L, 120L), (lineage.Trainer, lineage.Seed, (long)lineage.Rows));
        await Eventually.IsAsync(async () => (await toy.Toy.PredictAsync(1.5)).Version == 2 ? null : "The silo has not heard of the new champion.");
        var (up, down) = ((await toy.Toy.PredictAsync(1.5)).Score, (await toy.Toy.PredictAsync(-1.5)).Score);
        Assert.True(up > down + 0.2, $"It does not serve what it learned: {up} and {down}.");

        var built = await toy.EndAsync((await toy.CreateAsync(new JobSpec { Kind = "dataset", Model = toy.Name })).Id);
        Assert.True(built.State == JobState.Succeeded, built.Error?.Detail);
        using var made = JsonDocument.Parse(built.Result!);
        var dataset = made.RootElement.GetProperty("dataset").GetString();
        var again = await toy.EndAsync((await toy.CreateAsync(new JobSpec { Kind = "retrain", Model = toy.Name, Dataset = dataset, Params = """{"weight":"weight"}""" })).Id);
        Assert.True(again.State == JobState.Succeeded, again.Error?.Detail);
        using var second = JsonDocument.Parse(again.Result!);
        Assert.Equal((120, made.RootElement.GetProperty("hash").GetString()), (second.RootElement.GetProperty("rows").GetInt32(), second.RootElement.GetProperty("datasetHash").GetString()));
    }
}
