using System.Globalization;
using System.Text;
using System.Text.Json;
using OrleansMl.Datasets;
using OrleansMl.Evaluations;
using OrleansMl.Jobs;
using OrleansMl.Learning;
using OrleansMl.Storage;

namespace OrleansMl.Grains.Tests.Evaluations;

/// <summary>Evaluations as jobs over the log and over data sets: the figures are the library's on the same rows.</summary>
[Collection(LoopCollection.Name)]
public sealed class EvaluationTests(LoopFixture loop)
{
    private static Toy? s_shared;

    private IJobService Jobs => loop.Get<IJobService>();

    [Fact]
    public async Task Figures_of_the_log_are_the_librarys_on_the_same_rows_with_intervals_and_baselines()
    {
        var toy = await TaughtAsync();
        var result = await EvaluateAsync(new JobSpec { Kind = "evaluate", Model = toy.Name });

        var rows = (await loop.Store.Predictions.ListAsync(new PredictionFilter { Model = toy.Name, Limit = 1000 })).Where(r => r is { Version: > 0, Label: not null }).ToArray();
        double[] scores = [.. rows.Select(r => r.Score!.Value)];
        double[] labels = [.. rows.Select(r => r.Label!.Value)];
        Assert.True(rows.Length > 150, $"{rows.Length} rows");
        Assert.Equal(rows.Length, result.GetProperty("rows").GetInt32());
        var matrix = ConfusionMatrix.Binary(scores, labels);
        foreach (var (metric, expected) in new[]
        {
            ("accuracy", matrix.Accuracy), ("precision", matrix.Precision(1)), ("recall", matrix.Recall(1)), ("f1", matrix.F1(1)),
            ("roc_auc", RocAuc.Compute(scores, labels)), ("pr_auc", AveragePrecision.Compute(scores, labels)),
            ("log_loss", scores.Zip(labels, Losses.LogLoss).Average()), ("brier", scores.Zip(labels, Losses.SquaredError).Average()),
            ("ece", ExpectedCalibrationError.Of(ExpectedCalibrationError.EqualWidth(scores, labels))),
        })
        {
            var figure = Find(result, metric);
            Assert.Equal(expected, figure.GetProperty("value").GetDouble(), 1e-12);
            Assert.Equal(rows.Length, figure.GetProperty("n").GetInt32());
            Assert.InRange(expected, figure.GetProperty("ci")[0].GetDouble() - 0.05, figure.GetProperty("ci")[1].GetDouble() + 0.05);
            Assert.True(figure.GetProperty("ci")[0].GetDouble() < figure.GetProperty("ci")[1].GetDouble(), metric);
        }

        var wilson = Wilson.Interval(matrix[0, 0] + matrix[1, 1], rows.Length);
        Assert.Equal([wilson.Lower, wilson.Upper], Find(result, "accuracy").GetProperty("ci").EnumerateArray().Select(v => v.GetDouble()));
        var delong = DeLong.Interval(scores, labels);
        Assert.Equal([delong.Lower, delong.Upper], Find(result, "roc_auc").GetProperty("ci").EnumerateArray().Select(v => v.GetDouble()));

        // Each label came before the next prediction, so that no-change is the last label; those of the bootstrap are known too.
        var all = (await loop.Store.Predictions.ListAsync(new PredictionFilter { Model = toy.Name, Limit = 1000 })).Where(r => r.Label is not null).ToArray();
        var right = Enumerable.Range(1, all.Length - 1).Count(i => all[i].Version > 0 && all[i].Label == all[i - 1].Label);
        Assert.Equal((double)right / rows.Length, Find(result, "accuracy", baseline: "noChange").GetProperty("value").GetDouble(), 1e-12);
        Assert.True(Find(result, "accuracy").GetProperty("value").GetDouble() > Find(result, "accuracy", baseline: "majority").GetProperty("value").GetDouble());
    }

    [Fact]
    public async Task Slices_share_the_rows_out_and_a_version_scores_all_of_them_anew()
    {
        var toy = await TaughtAsync();
        var result = await EvaluateAsync(new JobSpec
        {
            Kind = "evaluate",
            Model = toy.Name,
            Params = """{"versions":["1"],"rescore":true,"metrics":["accuracy"],"slices":[{"column":"z","bins":[-1.9,0]}]}""",
        });

        // The rows that the prior answered are scored too: all are judged alike.
        var whole = Find(result, "accuracy", version: "1");
        var slices = result.GetProperty("results").EnumerateArray().Where(f => f.GetProperty("slice").ValueKind == JsonValueKind.Object && f.GetProperty("baseline").ValueKind == JsonValueKind.Null).ToArray();
        Assert.Equal(300, whole.GetProperty("n").GetInt32());
        Assert.Equal(["[-1.9, 0)", "[-inf, -1.9)", "[0, inf)"], slices.Select(s => s.GetProperty("slice").GetProperty("value").GetString()));
        Assert.Equal(300, slices.Sum(s => s.GetProperty("n").GetInt32()));
        Assert.Equal(whole.GetProperty("value").GetDouble() * 300, slices.Sum(s => s.GetProperty("n").GetInt32() * s.GetProperty("value").GetDouble()), 1e-9);
        Assert.Equal([false, true, false], slices.Select(s => s.GetProperty("slice").GetProperty("small").GetBoolean()));
        Assert.DoesNotContain(result.GetProperty("results").EnumerateArray(), f => f.GetProperty("version").GetString() is not (null or "1"));
    }

    [Fact]
    public async Task A_data_set_with_the_models_columns_is_scored_by_a_version_and_nothing_is_logged()
    {
        var toy = await TaughtAsync();
        var before = (await loop.Store.Predictions.ListAsync(new PredictionFilter { Model = toy.Name, Limit = 1000 })).Count;
        var random = new Random(9);
        var text = new StringBuilder($"z,{toy.View}:x,answer\n");
        var zs = new List<double>();
        for (var i = 0; i < 400; i++)
        {
            zs.Add((random.NextDouble() * 4) - 2);
            text.Append(CultureInfo.InvariantCulture, $"{zs[^1]:R},0.5,{(zs[^1] > 0 ? "yes" : "no")}\n");
        }

        text.Append("1,0.5,\n");
        var dataset = await UploadAsync(text.ToString());
        var result = await EvaluateAsync(new JobSpec { Kind = "evaluate", Model = toy.Name, Dataset = dataset, Params = """{"metrics":["accuracy","roc_auc"],"label":"answer"}""" });
        Assert.Equal((400, 1), (result.GetProperty("rows").GetInt32(), result.GetProperty("skipped").GetProperty("withoutLabel").GetInt32()));
        Assert.True(Find(result, "roc_auc", version: "1").GetProperty("value").GetDouble() > 0.95);
        Assert.Contains("sum_1h", Assert.Single(result.GetProperty("warnings").EnumerateArray()).GetString(), StringComparison.Ordinal);
        Assert.Equal(before, (await loop.Store.Predictions.ListAsync(new PredictionFilter { Model = toy.Name, Limit = 1000 })).Count);

        // No change is right as often as the label stays.
        var same = Enumerable.Range(1, 399).Count(i => zs[i] > 0 == zs[i - 1] > 0) + (zs[0] <= 0 ? 1 : 0);
        Assert.Equal(same / 400.0, Find(result, "accuracy", baseline: "noChange").GetProperty("value").GetDouble(), 2.0 / 400);
    }

    [Theory]
    [InlineData("""{"metrics":["acuracy"]}""", "unknown_metric", "/params/metrics/0")]
    [InlineData("""{"metrics":["ndcg@5"]}""", "unknown_metric", "/params/metrics/0")]
    [InlineData("""{"slices":["zz"]}""", "unknown_column", "/params/slices/0")]
    [InlineData("""{"slices":[{"column":"z","bins":[2,1]}]}""", "invalid", "/params/slices/0/bins/1")]
    [InlineData("""{"versions":["9"]}""", "unknown_version", null)]
    [InlineData("""{"rescor":true}""", "unknown_member", "/params/rescor")]
    [InlineData("""{"policy":{"version":"1"}}""", "conflict", "/params/policy")]
    public async Task What_cannot_be_evaluated_is_refused_before_the_job_is_made(string parameters, string code, string? pointer)
    {
        var toy = await SharedAsync();
        var made = await Jobs.CreateAsync(new JobSpec { Kind = "evaluate", Model = toy.Name, Params = parameters }, default);
        Assert.Equal(code, made.Error?.Code);
        Assert.Equal(pointer, made.Error!.Faults.Select(f => f.Pointer).FirstOrDefault());
    }

    [Fact]
    public async Task Quality_shows_the_newest_predictions_by_version_beside_the_learners_own_figures()
    {
        var toy = await TaughtAsync();
        var waiting = await toy.PredictAsync(1);
        var quality = (await loop.Get<IEvaluationService>().GetQualityAsync(toy.Name, 100, default)).Value;
        Assert.Equal((100, 99, 1), (quality.Window, quality.States["labelled"], quality.States["predicted"]));
        Assert.Contains(quality.Learner!.Losses, l => l is { Predictor: "learner", Metric: "log_loss" });
        var newest = (await loop.Store.Predictions.ListAsync(new PredictionFilter { Model = toy.Name, NewestFirst = true, Limit = 100 }));
        Assert.Equal(waiting.PredictionId, newest[0].PredictionId);
        var rows = newest.Where(r => r.Label is not null).ToArray();
        var accuracy = quality.Figures.Single(f => f is { Metric: "accuracy", Version: null, Baseline: null });
        Assert.Equal(rows.Count(r => r.Score >= 0.5 == r.Label > 0.5) / 99.0, accuracy.Value!.Value, 1e-12);
        Assert.Equal(99, quality.Reliability.Values.Sum(bins => bins.Sum(b => b.Count)));
        Assert.Equal("unknown_model", (await loop.Get<IEvaluationService>().GetQualityAsync("nobody", 100, default)).Error!.Code);
    }

    /// <summary>300 labelled predictions, of which the prior answered the first 40; one label in ten is wrong.</summary>
    private async Task<Toy> TaughtAsync()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(bootstrap: 40, minOutcomes: 5000));
        var noise = new Random(3);
        await toy.TeachAsync(40, 1, z => z > 0);
        await loop.Get<Serving.PlanCache>().CatchUpAsync(toy.Name, (await loop.Control.GetModelAsync(toy.Name, default)).Value.PlanRevision, default);
        await toy.TeachAsync(260, 2, z => z > 0 == noise.NextDouble() > 0.1);
        return toy;
    }

    /// <summary>A model for tests that change nothing.</summary>
    private async Task<Toy> SharedAsync()
    {
        if (s_shared is null)
        {
            var toy = new Toy(loop);
            await toy.ApplyAsync(toy.Yaml());
            s_shared = toy;
        }

        return s_shared;
    }

    private async Task<JsonElement> EvaluateAsync(JobSpec spec)
    {
        var made = await Jobs.CreateAsync(spec, default);
        Assert.True(made.IsSuccess, made.Error?.Detail);
        await Eventually.IsAsync(async () => (await Jobs.GetAsync(made.Value.Id, default)).Value is { IsFinal: true } ? null : "it has not ended", TimeSpan.FromSeconds(90));
        var job = (await Jobs.GetAsync(made.Value.Id, default)).Value;
        Assert.True(job.State == JobState.Succeeded, job.Error?.Detail);
        return JsonDocument.Parse(job.Result!).RootElement;
    }

    private async Task<string> UploadAsync(string text)
    {
        var job = await loop.Get<IDatasetService>().UploadAsync(new DatasetUpload(new MemoryStream(Encoding.UTF8.GetBytes(text)), "csv", "rows.csv", "test"), default);
        Assert.True(job.IsSuccess, job.Error?.Detail);
        return JsonDocument.Parse(job.Value.Result!).RootElement.GetProperty("dataset").GetString()!;
    }

    private static JsonElement Find(JsonElement result, string metric, string? version = null, string? baseline = null) =>
        result.GetProperty("results").EnumerateArray().Single(f => f.GetProperty("metric").GetString() == metric && f.GetProperty("version").GetString() == version
            && f.GetProperty("baseline").GetString() == baseline && f.GetProperty("slice").ValueKind == JsonValueKind.Null);
}
