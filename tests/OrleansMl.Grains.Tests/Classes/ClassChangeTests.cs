using OrleansMl.Learning;
using OrleansMl.Predictions;

namespace OrleansMl.Grains.Tests.Classes;

/// <summary>A model that jobs train, whose classes are declared otherwise while its champion is in production.</summary>
[Collection(LoopCollection.Name)]
public sealed class ClassChangeTests(LoopFixture loop)
{
    private const string Declared = "\"low\", \"middle\", \"high\"";
    private const string Trainer = """
            trainer: {type: linear_lbfgs}
            retrain: {minRows: 50}
        """;

    private static readonly double[][] s_points = [[-1.5, 0.5], [0.25, -0.25], [1.5, 1]];

    [Fact]
    public async Task Classes_in_another_order_are_refused_and_after_a_reset_the_champion_answers_by_their_names()
    {
        var toy = await TrainedAsync();
        var before = await AnswersAsync(toy);
        Assert.Equal(ClassRows.Classes, before.Select(answer => answer.Label));

        var turned = Yaml(toy, "\"high\", \"low\", \"middle\"");
        var refused = await loop.Control.ApplyAsync(new ApplyRequest(turned), default);
        Assert.Equal((409, "incompatible_change"), (refused.Error!.Status, refused.Error.Code));
        Assert.Contains("stand for classes by their places", refused.Error.Detail, StringComparison.Ordinal);
        Assert.Contains("allow=reset", refused.Error.Detail, StringComparison.Ordinal);

        await ResetAsync(toy, turned);
        var after = await AnswersAsync(toy);
        Assert.Equal(["high", "low", "middle"], after[0].Values.Select(value => value.Name));
        for (var i = 0; i < after.Count; i++)
        {
            Assert.Equal((before[i].Label, before[i].Score, 1), (after[i].Label, after[i].Score, after[i].Version));
            Assert.Equal(ClassToy.Probabilities(before[i]).OrderBy(one => one.Key), ClassToy.Probabilities(after[i]).OrderBy(one => one.Key));
        }

        // What is logged from here on is of the order as declared: truth and answer mean the same class.
        Assert.Equal(OutcomeStatus.Joined, (await toy.OutcomeAsync(after[2].PredictionId, Scalar.Of("high"))).Status);
        var logged = (await loop.Control.GetPredictionAsync(after[2].PredictionId, default)).Value;
        Assert.Equal(("high", 0.0), (logged.Label.AsText(), logged.Record.Label!.Value));
        Assert.Equal(0, ProbabilityCodec.Judge(logged.Record.Decision.Span, 0)!.Value.Class);
    }

    [Fact]
    public async Task New_classes_after_the_others_leave_the_champion_at_work_until_one_is_trained_that_knows_them()
    {
        var toy = await TrainedAsync();
        var before = await AnswersAsync(toy);
        await toy.ApplyAsync(Yaml(toy, Declared + ", \"odd\""));
        var after = await AnswersAsync(toy);
        for (var i = 0; i < after.Count; i++)
        {
            Assert.Equal((before[i].Label, before[i].Score, 1), (after[i].Label, after[i].Score, after[i].Version));
            Assert.Equal([.. before[i].Values, new NamedValue("odd", Scalar.Of(0))], after[i].Values.AsEnumerable());
        }

        Assert.Equal(OutcomeStatus.Joined, (await toy.OutcomeAsync(after[0].PredictionId, Scalar.Of("odd"))).Status);
        Assert.Equal("odd", (await loop.Control.GetPredictionAsync(after[0].PredictionId, default)).Value.Label.AsText());

        // Half of what was low is odd: only the new version can say so.
        var seen = 0;
        var csv = ClassRows.Csv(toy.Target, 300, name => name == "low" && seen++ % 3 != 0 ? "odd" : name);
        var result = await toy.RunAsync(new JobSpec { Kind = "retrain", Model = toy.Name, Dataset = await toy.UploadAsync(csv) });
        Assert.Equal("promoted", result.GetProperty("decision").GetString());
        await toy.CatchUpAsync();
        Assert.Equal("odd", (await toy.PredictAsync(-1.5, 0.5)).Label);
    }

    [Fact]
    public async Task A_champion_of_a_class_that_is_declared_no_more_says_so_until_a_version_of_the_classes_is_there()
    {
        var toy = await TrainedAsync();
        var renamed = Yaml(toy, "\"small\", \"middle\", \"high\"");
        Assert.Equal("incompatible_change", (await loop.Control.ApplyAsync(new ApplyRequest(renamed), default)).Error!.Code);
        await ResetAsync(toy, renamed);
        var refused = await loop.Predictions.PredictAsync(toy.Request(0, 0), default);
        Assert.Equal((422, "cannot_score"), (refused.Error!.Status, refused.Error.Code));
        Assert.Contains("was trained for the classes low, middle, high, and target", refused.Error.Detail, StringComparison.Ordinal);
        Assert.Contains("has small, middle, high now: retrain the model", refused.Error.Detail, StringComparison.Ordinal);

        // The same rows make the same files: they are a version of their own, or its classes would be those of before.
        var csv = ClassRows.Csv(toy.Target, 150, name => name == "low" ? "small" : name);
        var result = await toy.RunAsync(new JobSpec { Kind = "retrain", Model = toy.Name, Dataset = await toy.UploadAsync(csv) });
        Assert.Equal("2", result.GetProperty("version").GetString());
        var versions = (await loop.Control.GetModelAsync(toy.Name, default)).Value.Versions;
        Assert.Equal(["low", "middle", "high", "small", "middle", "high"], versions.SelectMany(version => version.Manifest.Classes));
        var promoted = await loop.Control.PromoteAsync(toy.Name, new PromotionRequest(2, 1, Force: true, "version 1 is of other classes", "test", null), default);
        Assert.True(promoted.IsSuccess, promoted.Error?.Detail);
        await toy.CatchUpAsync();
        Assert.Equal(["small", "middle", "high"], (await AnswersAsync(toy)).Select(answer => answer.Label));
    }

    [Fact]
    public async Task A_learner_that_comes_with_other_classes_is_bridged_by_the_prior_and_not_by_a_champion_of_the_old_ones()
    {
        var toy = await TrainedAsync();
        var other = toy.Yaml(learner: "{type: softmax, bootstrap: {outcomes: 60}}").Replace(Declared, "\"small\", \"middle\", \"high\"", StringComparison.Ordinal);
        Assert.Equal("incompatible_change", (await loop.Control.ApplyAsync(new ApplyRequest(other), default)).Error!.Code);
        await ResetAsync(toy, other);
        var answer = await toy.PredictAsync(0, 0);
        Assert.Equal(("prior", null, "small"), (answer.Fallback, answer.Version, answer.Values[0].Name));
    }

    private static string Yaml(ClassToy toy, string classes = Declared) => toy.Yaml(learner: "", blocks: Trainer).Replace(Declared, classes, StringComparison.Ordinal);

    /// <summary>Trained on a data set, and champion.</summary>
    private async Task<ClassToy> TrainedAsync()
    {
        var toy = new ClassToy(loop, ["a", "b"], ClassRows.Classes);
        await toy.ApplyAsync(Yaml(toy));
        var result = await toy.RunAsync(new JobSpec { Kind = "retrain", Model = toy.Name, Dataset = await toy.UploadAsync(ClassRows.Csv(toy.Target, 150)) });
        Assert.Equal("promoted", result.GetProperty("decision").GetString());
        await toy.CatchUpAsync();
        return toy;
    }

    private async Task ResetAsync(ClassToy toy, string yaml)
    {
        var applied = await loop.Control.ApplyAsync(new ApplyRequest(yaml) { AllowReset = true }, default);
        Assert.True(applied.IsSuccess, applied.Error?.Detail);
        for (var silo = 0; silo < loop.Cluster.Silos.Count; silo++)
            await loop.Get<Catalog.CatalogCache>(silo).CatchUpAsync(applied.Value.CatalogRevision);
    }

    private static async Task<List<PredictResponse>> AnswersAsync(ClassToy toy)
    {
        var answers = new List<PredictResponse>();
        foreach (var point in s_points)
            answers.Add(await toy.PredictAsync(point));
        return answers;
    }
}
