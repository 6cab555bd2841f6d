using System.Text.Json;
using OrleansMl.Datasets;
using OrleansMl.Jobs;

namespace OrleansMl.Grains.Tests.Classes;

/// <summary>Trainers of more than two classes from the application file to the answers of the version.</summary>
[Collection(LoopCollection.Name)]
public sealed class ClassTrainerTests(LoopFixture loop)
{
    private const string Python = "/usr/bin/python3";

    /// <summary>
    /// scikit-learn 1.2.1, LogisticRegression(C=1, multi_class="multinomial", solver="newton-cg", tol=1e-12) on the first 90 of 150 rows: the others
    /// are validation and test.
    /// </summary>
    private static readonly (double[] Point, double[] Probabilities)[] s_multinomial =
    [
        ([-1.5, 0.5], [0.69028445, 0.30245103, 0.00726452]),
        ([0.25, -0.25], [0.09805759, 0.66924544, 0.23269697]),
        ([1.5, 1], [0.00029215, 0.09571504, 0.90399281]),
    ];

    [Fact]
    public async Task A_multinomial_regression_answers_as_scikit_learns_and_rows_of_a_job_are_answered_alike()
    {
        var toy = await AppliedAsync("{type: linear_lbfgs, params: {l2: 1}}");
        var result = await RetrainAsync(toy, 150);
        Assert.Equal(("promoted", "linear_lbfgs"), (result.GetProperty("decision").GetString(), result.GetProperty("trainer").GetProperty("type").GetString()));
        foreach (var (point, probabilities) in s_multinomial)
        {
            var answer = await toy.PredictAsync(point);
            var said = ClassToy.Probabilities(answer);
            for (var i = 0; i < 3; i++)
                Assert.Equal(probabilities[i], said[ClassRows.Classes[i]], 2e-5);
            Assert.Equal(ClassRows.Classes[Array.IndexOf(probabilities, probabilities.Max())], answer.Label);
        }

        var file = "entityId,a,b\n" + string.Concat(s_multinomial.Select(row => FormattableString.Invariant($"1,{row.Point[0]},{row.Point[1]}\n")));
        var scored = await toy.RunAsync(new JobSpec { Kind = "batchPredict", Model = toy.Name, Dataset = await toy.UploadAsync(file), Params = """{"format":"ndjson"}""" });
        await using var content = (await loop.Get<IDatasetService>().OpenAsync(scored.GetProperty("dataset").GetString()!, default)).Value;
        using var reader = new StreamReader(content);
        var rows = (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(ClassRows.Classes, rows.Select(row => row.GetProperty("label").GetString()));
        for (var i = 0; i < rows.Length; i++)
        {
            Assert.Equal(s_multinomial[i].Probabilities.Max(), rows[i].GetProperty("score").GetDouble(), 2e-5);
            Assert.Equal(s_multinomial[i].Probabilities[0], rows[i].GetProperty("values").GetProperty("low").GetDouble(), 2e-5);
            Assert.Equal(ClassRows.Classes[i], (await loop.Control.GetPredictionAsync(rows[i].GetProperty("predictionId").GetString()!, default)).Value.Answer!.Label);
        }
    }

    [Fact]
    public async Task A_search_by_log_loss_finds_a_penalty_that_leaves_the_classes_apart()
    {
        var toy = await AppliedAsync("{type: linear_lbfgs, tune: {method: random, trials: 8, folds: 2, space: {l2: {log: [0.001, 10000]}}}}");
        var result = await RetrainAsync(toy, 300);
        Assert.Equal("promoted", result.GetProperty("decision").GetString());
        Assert.InRange(result.GetProperty("trainer").GetProperty("params").GetProperty("l2").GetDouble(), 0.001, 50);
        var lineage = (await loop.Control.GetModelAsync(toy.Name, default)).Value.Versions.Single().Manifest.Lineage!;
        var log = (await loop.Get<IJobService>().ReadLogAsync(lineage.Job, 0, 1000, default)).Value.Select(line => line.Text).ToArray();
        Assert.Equal(8, log.Count(text => text.StartsWith("Trial ", StringComparison.Ordinal)));
        Assert.True(Figure(result, "log_loss") < 0.8, $"log loss {Figure(result, "log_loss")}");
    }

    [SkippableFact]
    public async Task A_declared_program_learns_the_classes_and_is_served_by_their_names()
    {
        Skip.IfNot(File.Exists(Python), "there is no python3");
        var toy = await AppliedAsync($"{{type: command, command: [{Python}, {Sample()}], params: {{epochs: 30}}, timeout: 2m}}");
        var result = await RetrainAsync(toy, 150);
        Assert.Equal(("promoted", "command"), (result.GetProperty("decision").GetString(), result.GetProperty("trainer").GetProperty("type").GetString()));
        foreach (var (point, probabilities) in s_multinomial)
        {
            var answer = await toy.PredictAsync(point);
            Assert.Equal(ClassRows.Classes[Array.IndexOf(probabilities, probabilities.Max())], answer.Label);
            Assert.Equal(1, answer.Values.Sum(value => value.Value.AsNumber()), 1e-5);
        }
    }

    [Fact]
    public async Task A_job_with_a_trainer_of_one_score_is_refused_and_names_those_that_learn_classes()
    {
        var toy = await AppliedAsync("{type: linear_lbfgs}");
        var refused = await loop.Get<IJobService>().CreateAsync(
            new JobSpec { Kind = "retrain", Model = toy.Name, Dataset = await toy.UploadAsync(ClassRows.Csv(toy.Target, 150)), Trainer = """{"type":"logistic_regression"}""" }, default);
        Assert.Equal("unfit_trainer", refused.Error!.Code);
        Assert.Contains("logistic_regression does not learn 3 classes; these do: ", refused.Error.Detail, StringComparison.Ordinal);
        Assert.Contains("gradient_boosted_trees", refused.Error.Detail, StringComparison.Ordinal);
        Assert.Contains("linear_lbfgs", refused.Error.Detail, StringComparison.Ordinal);
    }

    private async Task<ClassToy> AppliedAsync(string trainer)
    {
        var toy = new ClassToy(loop, ["a", "b"], ClassRows.Classes);
        await toy.ApplyAsync(toy.Yaml(learner: "", blocks: $"    trainer: {trainer}\n    retrain: {{minRows: 50}}"));
        return toy;
    }

    private static async Task<JsonElement> RetrainAsync(ClassToy toy, int rows)
    {
        var result = await toy.RunAsync(new JobSpec { Kind = "retrain", Model = toy.Name, Dataset = await toy.UploadAsync(ClassRows.Csv(toy.Target, rows)) });
        await toy.CatchUpAsync();
        return result;
    }

    private static double Figure(JsonElement result, string metric) => result.GetProperty("results").EnumerateArray()
        .Single(figure => figure.GetProperty("of").GetString() == "candidate" && figure.GetProperty("metric").GetString() == metric).GetProperty("value").GetDouble();

    private static string Sample()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "OrleansMl.sln")))
            folder = folder.Parent;
        return Path.Combine(folder.FullName, "samples", "trainers", "plain", "train.py");
    }
}
