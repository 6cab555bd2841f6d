using OrleansMl.Learning;
using OrleansMl.Predictions;
using OrleansMl.Storage;
using OrleansMl.Wire;

namespace OrleansMl.Grains.Tests.Classes;

/// <summary>A target of three classes from the first prediction to a promotion.</summary>
[Collection(LoopCollection.Name)]
public sealed class ClassTargetTests(LoopFixture loop)
{
    private static readonly string[] s_classes = ["low", "middle", "high"];

    [Fact]
    public async Task The_shares_of_the_classes_answer_until_the_bootstrap_makes_version_1()
    {
        var toy = new ClassToy(loop, ["a", "b"], s_classes);
        await toy.ApplyAsync();
        var first = await toy.PredictAsync(0, 0);
        Assert.Equal(("prior", null, "low"), (first.Fallback, first.Version, first.Label));
        Assert.Equal([1 / 3.0, 1 / 3.0, 1 / 3.0], first.Values.Select(value => value.Value.AsNumber()));
        Assert.Equal(s_classes, first.Values.Select(value => value.Name));

        await toy.TeachAsync([([0, 0], "high"), ([0, 1], "high"), ([1, 0], "middle")]);
        var shares = await toy.PredictAsync(0, 0);
        Assert.Equal(("prior", "high", 0.5), (shares.Fallback, shares.Label, shares.Score!.Value));
        Assert.Equal([1 / 6.0, 2 / 6.0, 3 / 6.0], shares.Values.Select(value => value.Value.AsNumber()));

        await toy.TeachAsync(Rows(57, 1));
        await toy.CatchUpAsync();
        var served = await toy.PredictAsync(2, 0);
        Assert.Equal((1, null, "high"), (served.Version, served.Fallback, served.Label));
        Assert.Equal(1, served.Values.Sum(value => value.Value.AsNumber()), 1e-6);
        Assert.Equal(served.Score!.Value, ClassToy.Probabilities(served)["high"]);
        Assert.Equal(("low", "middle"), ((await toy.PredictAsync(-2, 0)).Label, (await toy.PredictAsync(0, 2)).Label));
        Assert.Equal(("learning", 60L, 1), ((await toy.LearnerAsync()).State, (await toy.LearnerAsync()).Examples, (await toy.LearnerAsync()).ChampionVersion));
    }

    [Fact]
    public async Task When_the_world_turns_the_learner_is_promoted_by_log_loss_and_its_figures_are_those_of_the_log()
    {
        var toy = new ClassToy(loop, ["a", "b"], s_classes);
        await toy.ApplyAsync();
        await toy.TeachAsync(Rows(60, 1));
        await toy.CatchUpAsync();
        await toy.TeachAsync(Rows(300, 2, turned: true));

        var promotions = (await loop.Control.GetPromotionsAsync(toy.Name, default)).Value;
        Assert.True(promotions.Length >= 2, $"{promotions.Length} promotions");
        Assert.All(promotions.Skip(1), promotion => Assert.Equal(("promoted", "log_loss", true), (promotion.Decision, promotion.Evidence!.Metric, promotion.Evidence.Lower > 0)));
        await toy.CatchUpAsync();
        Assert.Equal("low", (await toy.PredictAsync(2, 0)).Label);

        var losses = (await toy.LearnerAsync()).Losses;
        double Figure(string predictor, string metric) => losses.Single(loss => loss.Predictor == predictor && loss.Metric == metric).Cumulative;
        Assert.True(Figure("learner", "log_loss") < Figure("served", "log_loss"));
        Assert.True(Figure("learner", "log_loss") < Figure("prior", "log_loss"));
        Assert.True(Figure("learner", "accuracy") > Figure("noChange", "accuracy"));

        // What was served is in the log, each class with the probability that it had.
        var logged = await loop.Store.Predictions.ListAsync(new PredictionFilter { Model = toy.Name, Limit = 1000 });
        var served = logged.Where(record => record is { Version: > 0, Label: not null }).Select(record => ProbabilityCodec.Judge(record.Decision.Span, record.Label!.Value)!.Value).ToList();
        Assert.Equal(300, served.Count);
        Assert.Equal(served.Average(answer => answer.LogLoss), Figure("served", "log_loss"), 1e-9);
    }

    [Fact]
    public async Task A_label_is_the_name_of_a_class_or_its_place_and_nothing_else()
    {
        var toy = new ClassToy(loop, ["a", "b"], s_classes);
        await toy.ApplyAsync();
        foreach (var (value, label) in new[] { (Scalar.Of("middle"), "middle"), (Scalar.Of(2), "high"), (Scalar.Of(0), "low") })
        {
            var id = (await toy.PredictAsync(0, 0)).PredictionId;
            Assert.Equal(OutcomeStatus.Joined, (await toy.OutcomeAsync(id, value)).Status);
            Assert.Equal(label, (await loop.Control.GetPredictionAsync(id, default)).Value.Label.AsText());
        }

        foreach (var value in new[] { Scalar.Of("other"), Scalar.Of(3), Scalar.Of(0.5), Scalar.Of(-1), Scalar.Of(true) })
        {
            var refused = await toy.OutcomeAsync((await toy.PredictAsync(0, 0)).PredictionId, value);
            Assert.Equal("invalid_value", refused.Fault!.Code);
            Assert.Contains("it has low, middle, high", refused.Fault.Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_event_is_the_truth_of_the_class_that_it_stands_for()
    {
        var toy = new ClassToy(loop, ["a", "b"], ["3", "2", "1"]);
        await toy.ApplyAsync(toy.Yaml(target: $", from: {{event: {toy.Name}-won, value: 1}}").Replace("\nmodels:", $"\nevents: [{{name: {toy.Name}-won, entity: {toy.Name}-thing}}]\nmodels:", StringComparison.Ordinal));
        var id = (await toy.PredictAsync(0, 0)).PredictionId;
        var appended = await loop.Ingest.AppendEventsAsync([new IngestEvent("e1", toy.Entity, toy.Name + "-won", loop.Clock.Now, [])], default);
        Assert.Null(appended.Items[0].Fault);
        Assert.Equal("1", (await loop.Control.GetPredictionAsync(id, default)).Value.Label.AsText());
    }

    [Fact]
    public async Task Classes_named_by_numbers_are_meant_by_their_names()
    {
        var toy = new ClassToy(loop, ["a", "b"], ["1", "2", "3", "4", "5"]);
        await toy.ApplyAsync(toy.Yaml(target: ", default: 3"));
        var id = (await toy.PredictAsync(0, 0)).PredictionId;
        Assert.Equal(OutcomeStatus.Joined, (await toy.OutcomeAsync(id, Scalar.Of(1))).Status);
        Assert.Equal("1", (await loop.Control.GetPredictionAsync(id, default)).Value.Label.AsText());
        Assert.Equal("invalid_value", (await toy.OutcomeAsync((await toy.PredictAsync(0, 0)).PredictionId, Scalar.Of(0))).Fault!.Code);
        Assert.Equal(2, loop.Get<Catalog.CatalogCache>().Current.Models[toy.Name].Target!.Default);
    }

    [Fact]
    public async Task A_corrected_class_is_learned_once_more_and_stands_in_no_figure()
    {
        var toy = new ClassToy(loop, ["a", "b"], s_classes);
        await toy.ApplyAsync();
        await toy.TeachAsync(Rows(70, 1));
        var answer = await toy.PredictAsync(2, 0);
        await toy.OutcomeAsync(answer.PredictionId, Scalar.Of("low"), "said");
        await loop.DrainAsync(toy.Name);
        var before = await toy.LearnerAsync();
        await toy.OutcomeAsync(answer.PredictionId, Scalar.Of("high"), "fix");
        await toy.OutcomeAsync(answer.PredictionId, Scalar.Of("high"), "fix");
        await loop.DrainAsync(toy.Name);
        var after = await toy.LearnerAsync();
        Assert.Equal(before.Examples + 1, after.Examples);
        Assert.Equal(before.Losses.First(loss => loss.Predictor == "learner").N, after.Losses.First(loss => loss.Predictor == "learner").N);
    }

    [Fact]
    public async Task A_live_learner_answers_every_class_as_it_stands()
    {
        var toy = new ClassToy(loop, ["a", "b"], s_classes);
        await toy.ApplyAsync(toy.Yaml(learner: "{type: softmax, params: {optimizer: adagrad, learningRate: 0.3}, serve: live, bootstrap: {outcomes: 60}}"));
        await toy.TeachAsync(Rows(80, 1));
        await Eventually.IsAsync(async () => (await toy.PredictAsync(2, 0)).Revision is { } revision && revision >= 20 ? null : "no live answer yet", TimeSpan.FromSeconds(30));
        var answer = await toy.PredictAsync(2, 0);
        Assert.Equal("high", answer.Label);
        Assert.Equal(1, answer.Values.Sum(value => value.Value.AsNumber()), 1e-12);
    }

    [Fact]
    public async Task An_explanation_is_of_the_class_that_was_answered()
    {
        var toy = new ClassToy(loop, ["a", "b"], s_classes);
        await toy.ApplyAsync(toy.Yaml(blocks: "    pipeline: [{impute: {columns: all, strategy: mean}}]").Replace(", required: true", "", StringComparison.Ordinal));
        await toy.TeachAsync(Rows(80, 1));
        await toy.CatchUpAsync();
        var explained = (await loop.Predictions.PredictAsync(toy.Request(-2, 0) with { IncludeExplanation = true }, default)).Value;
        Assert.Equal("low", explained.Label);
        Assert.Equal(explained.Score!.Value, explained.Explanation!.Score, 1e-6);
        Assert.True(explained.Explanation.Columns[0].Contribution > 0.1, $"a contributes {explained.Explanation.Columns[0].Contribution}");
    }

    [Fact]
    public async Task Of_many_classes_the_twenty_most_probable_are_answered()
    {
        var toy = new ClassToy(loop, ["a", "b"], [.. Enumerable.Range(0, 50).Select(place => $"k{place}")]);
        await toy.ApplyAsync();
        await toy.TeachAsync(Enumerable.Repeat(((double[])[0, 0], "k37"), 3));
        var answer = await toy.PredictAsync(0, 0);
        Assert.Equal(20, answer.Values.Length);
        Assert.Equal(("k37", 4 / 53.0), (answer.Values[0].Name, answer.Values[0].Value.AsNumber()));
        Assert.Equal(answer.Label, answer.Values[0].Name);
    }

    [Fact]
    public async Task An_evaluation_of_the_log_gives_the_figures_of_classes_and_who_was_taken_for_whom()
    {
        var toy = new ClassToy(loop, ["a", "b"], s_classes);
        await toy.ApplyAsync();
        await toy.TeachAsync(Rows(60, 1));
        await toy.CatchUpAsync();
        await toy.TeachAsync(Rows(120, 3));
        var result = await toy.RunAsync(new JobSpec { Kind = "evaluate", Model = toy.Name, Version = 1 });

        var logged = await loop.Store.Predictions.ListAsync(new PredictionFilter { Model = toy.Name, Limit = 1000 });
        var rows = logged.Where(record => record is { Version: 1, Label: not null }).ToList();
        ClassAnswer[] answers = [.. rows.Select(record => ProbabilityCodec.Judge(record.Decision.Span, record.Label!.Value)!.Value)];
        double[] labels = [.. rows.Select(record => record.Label!.Value)];
        var matrix = new ConfusionMatrix(3);
        for (var i = 0; i < labels.Length; i++)
            matrix.Add((int)labels[i], answers[i].Class);
        double Figure(string metric, string? baseline = null) => result.GetProperty("results").EnumerateArray()
            .First(figure => figure.GetProperty("metric").GetString() == metric && figure.GetProperty("baseline").GetString() == baseline).GetProperty("value").GetDouble();
        Assert.Equal(matrix.Accuracy, Figure("accuracy"), 1e-12);
        Assert.Equal(matrix.F1(ClassAverage.Macro), Figure("macro_f1"), 1e-12);
        Assert.Equal(answers.Average(answer => answer.LogLoss), Figure("log_loss"), 1e-12);
        Assert.True(Figure("log_loss") < Figure("log_loss", "prior"));

        var cells = result.GetProperty("confusion")[0].GetProperty("cells").EnumerateArray().ToList();
        Assert.Equal(labels.Length, cells.Sum(cell => cell.GetProperty("n").GetInt32()));
        Assert.All(cells, cell => Assert.Equal(
            matrix[Array.IndexOf(s_classes, cell.GetProperty("actual").GetString()), Array.IndexOf(s_classes, cell.GetProperty("predicted").GetString())],
            cell.GetProperty("n").GetInt64()));
        var quality = (await loop.Get<OrleansMl.Evaluations.IEvaluationService>().GetQualityAsync(toy.Name, 2000, default)).Value;
        Assert.Equal(matrix.Accuracy, quality.Figures.First(figure => figure is { Metric: "accuracy", Baseline: null }).Value!.Value, 1e-12);
    }

    [Fact]
    public async Task A_wrong_listing_has_the_labelled_answers_of_versions_whose_class_was_another_one()
    {
        var toy = new ClassToy(loop, ["a", "b"], s_classes);
        await toy.ApplyAsync();
        await toy.TeachAsync(Rows(60, 1));
        await toy.CatchUpAsync();
        List<(double[] Values, string Truth)> rows = [.. Rows(60, 4)];
        var answers = await toy.TeachAsync(rows);
        await toy.PredictAsync(2, 0);
        string[] wrong = [.. answers.Zip(rows).Where(pair => pair.First.Version is not null && pair.First.Label != pair.Second.Truth).Select(pair => pair.First.PredictionId)];
        Assert.InRange(wrong.Length, 3, 30);

        var listing = new Services.PredictionListing { Model = toy.Name, Wrong = true };
        Assert.Equal(wrong, await ListAsync(listing));
        Assert.Equal(wrong[..2], await ListAsync(listing with { Limit = 2 }));
        Assert.Equal(wrong[2..], await ListAsync(listing with { PageToken = wrong[1] }));
        Assert.Empty(await ListAsync(listing with { Limit = 0 }));

        // A corrected truth counts as it stands now.
        Assert.Equal(OutcomeStatus.Corrected, (await toy.OutcomeAsync(wrong[0], Scalar.Of(answers.Single(answer => answer.PredictionId == wrong[0]).Label!))).Status);
        Assert.Equal(wrong[1..], await ListAsync(listing));
        var refused = await loop.Control.ListPredictionsAsync(listing with { Error = 0.5 }, default);
        Assert.Equal((400, "wrong_needs_error"), (refused.Error!.Status, refused.Error.Code));

        async Task<string[]> ListAsync(Services.PredictionListing meant) => [.. (await loop.Control.ListPredictionsAsync(meant, default)).Value.Select(logged => logged.Record.PredictionId)];
    }

    /// <summary>b above 1 is the middle; else the sign of a, or the other way round, one row in twelve at random.</summary>
    private static IEnumerable<(double[] Values, string Truth)> Rows(int count, int seed, bool turned = false)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            var (a, b) = ((random.NextDouble() * 4) - 2, random.Next(3) == 0 ? 2.0 : 0.0);
            var truth = b > 1 ? "middle" : a > 0 != turned ? "high" : "low";
            yield return ([a, b], random.Next(12) == 0 ? s_classes[random.Next(3)] : truth);
        }
    }
}
