using System.Text.Json;
using OrleansMl.Jobs;

namespace OrleansMl.Grains.Tests.Retraining;

/// <summary>Retrainings from end to end: rows, the process that trains, the version, and what becomes of it.</summary>
[Collection(LoopCollection.Name)]
public sealed class RetrainTests(LoopFixture loop)
{
    private IJobService Jobs => loop.Get<IJobService>();

    [Fact]
    public async Task A_data_set_makes_the_first_champion_and_when_the_world_turns_the_log_makes_the_next_one_by_a_paired_test()
    {
        var toy = new RetrainToy(loop);
        await toy.ApplyAsync();
        var first = await toy.RetrainAsync(toy.Spec(dataset: await toy.UploadAsync(toy.Csv(160, 1))));
        Assert.Equal(("promoted", "1", JsonValueKind.Null), (Text(first, "decision"), Text(first, "version"), first.GetProperty("evidence").ValueKind));
        Assert.Equal(1, await toy.ChampionAsync());
        Assert.Equal((160, 96, 32, 32), (first.GetProperty("rows").GetInt32(), Split(first, "train"), Split(first, "validation"), Split(first, "test")));
        await toy.LabelAsync(20, 1);
        Assert.True((await toy.Toy.PredictAsync(1.5)).Score > 0.8, "it serves what it learned");

        var turned = loop.Clock.Now;
        await toy.LabelAsync(220, 2, turned: true);
        var second = await toy.RetrainAsync(toy.Spec(window: $$"""{"from":"{{turned:yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'}}"}"""));
        Assert.Equal(("promoted", "2", "1"), (Text(second, "decision"), Text(second, "version"), Text(second, "champion")));
        var evidence = second.GetProperty("evidence");
        Assert.Equal(("paired_t", "log_loss", 44), (Text(evidence, "test"), Text(evidence, "metric"), evidence.GetProperty("n").GetInt32()));
        Assert.True(evidence.GetProperty("ci")[0].GetDouble() > 0);
        Assert.True((await toy.Toy.PredictAsync(1.5)).Score < 0.2, "it serves what it learned anew");

        // The pending prediction, and those of before, are not in it.
        Assert.Equal(220, second.GetProperty("rows").GetInt32());
        var promotion = (await loop.Grains.GetGrain<IModelGrain>(toy.Name).GetPromotionsAsync())[^1];
        Assert.Equal(("promoted", 2, "retrain"), (promotion.Decision, promotion.To, promotion.By));
        Assert.Equal(evidence.GetProperty("estimate").GetDouble(), promotion.Evidence!.Estimate);

        var lineage = (await toy.ModelAsync()).Versions.Single(v => v.Manifest.Version == 2).Manifest;
        Assert.Equal((1, 220, "logistic_regression", 1L, 1), (lineage.Parent, lineage.Lineage!.Rows, lineage.Lineage.Trainer, lineage.Lineage.Seed, lineage.Lineage.Threads));
        Assert.Equal((turned, (DateTime?)null), (lineage.Lineage.From, lineage.Lineage.To));
        Assert.Equal(Text(second, "datasetHash"), lineage.Lineage.DatasetHash);
        Assert.Equal(("standardized_weight", "z", 4), (lineage.Lineage.ImportanceMeasure, lineage.Lineage.Importances[0].Column, lineage.Lineage.Importances.Length));
        Assert.Equal("z", Text(second.GetProperty("importances").GetProperty("columns")[0], "column"));
    }

    [Fact]
    public async Task A_data_set_is_learned_and_its_figures_are_the_librarys_on_the_rows_of_the_test_beside_champion_and_baselines()
    {
        var toy = new RetrainToy(loop);
        await toy.ApplyAsync();
        var dataset = await toy.UploadAsync(toy.Csv(1000, 3));
        await toy.RetrainAsync(toy.Spec(dataset: await toy.UploadAsync(toy.Csv(200, 4, turned: true))));
        var result = await toy.RetrainAsync(toy.Spec(dataset: dataset, parameters: """{"minRows":50,"split":{"validation":0}}"""));
        Assert.Equal(("promoted", dataset), (Text(result, "decision"), Text(result, "dataset")));
        Assert.Contains("sum_1h", Assert.Single(result.GetProperty("warnings").EnumerateArray(), w => w.GetString()!.Contains("lacks", StringComparison.Ordinal)).GetString(), StringComparison.Ordinal);

        // The version itself, asked for the same rows, is as good as was said of it.
        var evaluated = await EvaluateAsync(toy, await toy.UploadAsync(Header(toy) + string.Join('\n', toy.Csv(1000, 3).Split('\n')[801..])));
        foreach (var metric in new[] { "accuracy", "roc_auc", "log_loss", "brier" })
            Assert.Equal(evaluated(metric), Figure(result, metric, "candidate"), 1e-4);
        Assert.Equal(200, Split(result, "test"));
        Assert.InRange(Figure(result, "accuracy", "champion"), 0, 0.3);
        Assert.InRange(Figure(result, "accuracy", null, "majority"), 0.35, 0.65);
        Assert.True(Figure(result, "log_loss", "candidate") < Figure(result, "log_loss", null, "prior"));
    }

    [Fact]
    public async Task What_is_not_better_is_registered_and_rejected_and_the_champion_stays()
    {
        var toy = new RetrainToy(loop);
        await toy.ApplyAsync();
        await toy.RetrainAsync(toy.Spec(dataset: await toy.UploadAsync(toy.Csv(600, 5))));
        var result = await toy.RetrainAsync(toy.Spec(dataset: await toy.UploadAsync(toy.Csv(300, 6))));
        Assert.Equal("rejected", Text(result, "decision"));
        Assert.Contains("not better than version 1", Text(result, "reason"), StringComparison.Ordinal);
        Assert.Equal(1, await toy.ChampionAsync());
        Assert.Equal([1, 2], (await toy.ModelAsync()).Versions.Select(v => v.Manifest.Version));

        // Too few rows of a test prove nothing, however different they are.
        var few = await toy.RetrainAsync(toy.Spec(dataset: await toy.UploadAsync(toy.Csv(100, 7, turned: true))));
        Assert.Equal("rejected", Text(few, "decision"));
        Assert.Contains("the test has 20 rows", Text(few, "reason"), StringComparison.Ordinal);
        var asked = await toy.RetrainAsync(toy.Spec(dataset: await toy.UploadAsync(toy.Csv(400, 8, turned: true)), parameters: """{"minRows":50,"promote":"register"}"""));
        Assert.Equal(("registered", 1), (Text(asked, "decision"), await toy.ChampionAsync()));
    }

    [Fact]
    public async Task A_repeat_learns_from_the_same_data_set_and_is_the_same_version_bit_for_bit()
    {
        var toy = new RetrainToy(loop);
        await toy.ApplyAsync();
        await toy.RetrainAsync(toy.Spec(dataset: await toy.UploadAsync(toy.Csv(100, 9, turned: true))));
        await toy.LabelAsync(200, 9);
        var job = await toy.CreateAsync(toy.Spec(trainer: """{"type":"factorization_machine","params":{"epochs":2}}""") with { Seed = 7 });
        var first = JsonDocument.Parse((await toy.EndAsync(job.Id)).Result!).RootElement;

        // More has come since; the repeat does not see it.
        await toy.LabelAsync(30, 10, turned: true);
        var again = (await Jobs.RepeatAsync(job.Id, "me", default)).Value;
        Assert.Equal((Text(first, "dataset"), 7L), (again.Spec.Dataset, again.Spec.Seed));
        var second = JsonDocument.Parse((await toy.EndAsync(again.Id)).Result!).RootElement;
        Assert.Equal((Text(first, "digest"), Text(first, "version"), Text(first, "plan")), (Text(second, "digest"), Text(second, "version"), Text(second, "plan")));
        var repeat = second.GetProperty("repeat");
        Assert.Equal((job.Id, true, true), (Text(repeat, "of"), repeat.GetProperty("samePlan").GetBoolean(), repeat.GetProperty("sameVersion").GetBoolean()));
        Assert.Equal([1, 2], (await toy.ModelAsync()).Versions.Select(v => v.Manifest.Version));

        // Another seed draws other factors.
        var other = await toy.RetrainAsync(again.Spec with { RepeatOf = null, Seed = 8 });
        Assert.NotEqual(Text(first, "digest"), Text(other, "digest"));
    }

    [Theory]
    [InlineData("a,b\n1,2\n", "unknown_column", "")]
    [InlineData("z,{0}:x,{1}\n1,2,perhaps\n", "row_failed", "line 2")]
    [InlineData("z,{0}:x,{1}\n1,2,\n", "insufficient_rows", "0 rows")]
    [InlineData("z,{0}:x,{1}\n1,2,yes\n2,1,yes\n3,1,yes\n4,1,yes\n", "data_invalid", "'yes'")]
    [InlineData("z,{0}:x,{1}\n1,2,yes\n1,2,no\n1,2,yes\n1,2,no\n", "data_invalid", "Every column")]
    public async Task Data_that_cannot_be_learned_from_end_the_job_with_what_is_wrong_and_the_champion_stays(string csv, string code, string said)
    {
        var toy = new RetrainToy(loop);
        await toy.ApplyAsync();
        await toy.RetrainAsync(toy.Spec(dataset: await toy.UploadAsync(toy.Csv(100, 11))));
        var dataset = await toy.UploadAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, csv, toy.Toy.View, toy.Toy.Target));
        var made = await Jobs.CreateAsync(toy.Spec(dataset: dataset, parameters: """{"minRows":3}"""), default);
        var error = made.IsSuccess ? (await toy.EndAsync(made.Value.Id)).Error : made.Error;
        Assert.Equal(code, error?.Code);
        Assert.Contains(said, error!.Detail, StringComparison.Ordinal);
        Assert.Equal((1, 1), (await toy.ChampionAsync(), (await toy.ModelAsync()).Versions.Length));
    }

    [Theory]
    [InlineData("""{"type":"oracle"}""", "{}", null, "unknown_trainer", "/trainer/type")]
    [InlineData("""{"type":"linear_regression"}""", "{}", null, "unfit_trainer", "/trainer/type")]
    [InlineData("""{"type":"logistic_regression","params":{"depth":3}}""", "{}", null, "invalid_parameter", "/trainer/params")]
    [InlineData("""{"type":"logistic_regression","params":{"learningRate":-1}}""", "{}", null, "invalid_parameter", "/trainer/params")]
    [InlineData("""{"params":{}}""", "{}", null, "missing_member", "/trainer")]
    [InlineData("""{"type":"logistic_regression"}""", """{"split":{"test":2}}""", null, "out_of_range", "/params/split/test")]
    [InlineData("""{"type":"logistic_regression"}""", """{"label":"y"}""", null, "conflict", "/params")]
    [InlineData("""{"type":"logistic_regression"}""", "{}", """{"last":"soon"}""", "invalid", "/window/last")]
    [InlineData("""{"type":"logistic_regression"}""", "{}", """{"last":"3d","to":"2026-01-01T00:00:00Z"}""", "conflict", "/window")]
    public async Task What_cannot_be_retrained_is_refused_before_the_job_is_made(string trainer, string parameters, string? window, string code, string pointer)
    {
        var toy = new RetrainToy(loop);
        await toy.ApplyAsync();
        var made = await Jobs.CreateAsync(toy.Spec(window, null, trainer, parameters), default);
        Assert.Equal((code, pointer), (made.Error?.Code, made.Error?.Faults.Select(f => f.Pointer).FirstOrDefault()));
    }

    [Fact]
    public async Task A_log_without_truths_is_no_data()
    {
        var toy = new RetrainToy(loop);
        await toy.ApplyAsync();
        await toy.RetrainAsync(toy.Spec(dataset: await toy.UploadAsync(toy.Csv(100, 14))));
        await toy.Toy.PredictAsync(1);
        var job = await toy.EndAsync((await toy.CreateAsync(toy.Spec())).Id);
        Assert.Equal((JobState.Failed, "insufficient_rows"), (job.State, job.Error!.Code));
        Assert.Contains("pending: 1", job.Error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_rollout_declared_the_candidate_goes_to_its_shadow_first()
    {
        var toy = new RetrainToy(loop);
        await toy.ApplyAsync(", rollout: {shadow: {outcomes: 50}}");
        await toy.RetrainAsync(toy.Spec(dataset: await toy.UploadAsync(toy.Csv(300, 12))));
        var result = await toy.RetrainAsync(toy.Spec(dataset: await toy.UploadAsync(toy.Csv(400, 13, turned: true))));
        Assert.Equal(("rolling_out", 1), (Text(result, "decision"), await toy.ChampionAsync()));
        var rollout = Assert.Single(await loop.Grains.GetGrain<IRolloutGrain>(toy.Name).ListAsync());
        Assert.Equal((2, 1, "retrain", "paired_t"), (rollout.Candidate, rollout.Champion, rollout.By, rollout.Proof!.Test));
    }

    private async Task<Func<string, double>> EvaluateAsync(RetrainToy toy, string dataset)
    {
        var job = await toy.EndAsync((await toy.CreateAsync(new JobSpec { Kind = "evaluate", Model = toy.Name, Dataset = dataset })).Id);
        Assert.True(job.State == JobState.Succeeded, job.Error?.Detail);
        var result = JsonDocument.Parse(job.Result!).RootElement;
        return metric => result.GetProperty("results").EnumerateArray().Single(f => Text(f, "metric") == metric && f.GetProperty("baseline").ValueKind == JsonValueKind.Null).GetProperty("value").GetDouble();
    }

    private static string Header(RetrainToy toy) => $"z,{toy.Toy.View}:x,{toy.Toy.Target}\n";

    private static double Figure(JsonElement result, string metric, string? of, string? baseline = null) =>
        result.GetProperty("results").EnumerateArray().Single(f => Text(f, "metric") == metric && Text(f, "of") == of && Text(f, "baseline") == baseline).GetProperty("value").GetDouble();

    private static int Split(JsonElement result, string part) => result.GetProperty("split").GetProperty(part).GetInt32();

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
