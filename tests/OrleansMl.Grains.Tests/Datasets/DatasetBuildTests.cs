using System.Globalization;
using System.Text;
using System.Text.Json;
using OrleansMl.Catalog;
using OrleansMl.Datasets;
using OrleansMl.Datasets.Building;
using OrleansMl.Grains.Tests.Monitoring;
using OrleansMl.Jobs;
using OrleansMl.Storage;

namespace OrleansMl.Grains.Tests.Datasets;

/// <summary>Data sets of logged predictions and of a spine.</summary>
[Collection(LoopCollection.Name)]
public sealed class DatasetBuildTests(LoopFixture loop)
{
    [Fact]
    public async Task Rows_of_the_log_are_the_vectors_as_served_with_their_truths()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        var start = loop.Clock.Now;
        var answers = await toy.LabelAsync(30, 1, z => z > 0);
        await toy.PredictAsync(1.5);
        var (job, lines) = await BuildAsync(new JobSpec { Kind = "dataset", Model = toy.Name });
        Assert.Equal($"predictionId,time,entityId,z,{toy.View}:x,{toy.View}:sum_1h,{toy.View}:n_1h,{toy.Target},weight", lines[0]);
        Assert.Equal(30, lines.Length - 1);
        for (var i = 0; i < answers.Count; i++)
        {
            var cells = lines[i + 1].Split(',');
            var served = answers[i].Features.ToDictionary(f => f.Name, f => f.Value);
            Assert.Equal((answers[i].PredictionId, "1", "1"), (cells[0], cells[2], cells[^1]));
            Assert.Equal((served["z"].AsNumber(), served[toy.View + ":sum_1h"].AsNumber()), (Number(cells[3]), Number(cells[5])));
            Assert.Equal(served["z"].AsNumber() > 0 ? "yes" : "no", cells[7]);
        }

        using var result = JsonDocument.Parse(job.Result!);
        Assert.Equal((30, 1), (result.RootElement.GetProperty("rows").GetInt32(), result.RootElement.GetProperty("skipped").GetProperty("pending").GetInt32()));

        // The same again is the same, bit for bit; a window and columns narrow it; the format is asked for.
        var (again, _) = await BuildAsync(new JobSpec { Kind = "dataset", Model = toy.Name });
        Assert.Equal(HashOf(job), HashOf(again));
        var window = JsonSerializer.Serialize(new { from = start.AddSeconds(10), to = start.AddSeconds(20) });
        var (_, narrowed) = await BuildAsync(new JobSpec { Kind = "dataset", Model = toy.Name, Window = window, Params = """{"features":["z"],"format":"ndjson"}""" });
        Assert.Equal(10, narrowed.Length);
        using var first = JsonDocument.Parse(narrowed[0]);
        Assert.Equal(["predictionId", "time", "entityId", "z", toy.Target, "weight"], first.RootElement.EnumerateObject().Select(member => member.Name));
        Assert.Equal(answers[10].PredictionId, first.RootElement.GetProperty("predictionId").GetString());
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("ndjson")]
    public async Task Wherever_attempts_are_cut_off_the_data_set_has_every_row_once(string format)
    {
        var model = new WatchedModel(loop);
        await model.ApplyAsync("{name: m, on: score, detector: {type: adwin}}");
        await model.PredictAsync(Enumerable.Range(0, 1_700).Select(i => i / 1_700.0), i => i % 2);
        var compiled = loop.Get<CatalogCache>().Current.Models[model.Name];
        var whole = new CutContext(new JobSpec { Kind = "dataset", Model = model.Name });
        var expected = await RunAsync(whole);
        for (var cut = 0; cut < 6; cut++)
        {
            var context = new CutContext(whole.Spec);
            foreach (var (after, isLost) in new[] { (cut, true), (cut / 2, false), (1, true) })
            {
                context.Begin(after, isLost);
                await Record.ExceptionAsync(() => RunAsync(context));
            }

            context.Begin(int.MaxValue, false);
            Assert.Equal(expected, await RunAsync(context));
        }

        var rows = expected.TrimEnd('\n').Split('\n');
        Assert.Equal(1_700 + (format == "csv" ? 1 : 0), rows.Length);

        async Task<string> RunAsync(CutContext context)
        {
            var options = new JobOptions { CheckpointEvery = TimeSpan.Zero };
            var result = await new LogDatasetRun(context, compiled, new BuildParams { Format = format }, null, null, loop.Store.Predictions, loop.Store.Datasets, options).RunAsync();
            using var document = JsonDocument.Parse(result);
            return await ContentAsync(document.RootElement.GetProperty("dataset").GetString()!);
        }
    }

    [Fact]
    public async Task What_was_drawn_is_weighted_by_the_inverse_of_its_probability()
    {
        var model = new WatchedModel(loop);
        await model.ApplyAsync("{name: m, on: score, detector: {type: adwin}}");
        var drawn = Watched.Prediction(model.Name, 1, [0.5], "a,\"b\"", 0.5) with { Propensity = 0.25 };
        await loop.Store.Predictions.AppendAsync(drawn);
        await loop.Store.Predictions.CommitAsync([], [new OutcomeChange { PredictionId = drawn.PredictionId, ExpectedState = PredictionState.Predicted, ExpectedRevision = 0, State = PredictionState.Labelled, Label = 1, LabelledAt = drawn.Time }]);
        var (_, lines) = await BuildAsync(new JobSpec { Kind = "dataset", Model = model.Name });
        Assert.Equal("4", lines[1].Split(',')[^1]);

        // A text with commas and quotes is one cell.
        Assert.Contains("\"a,\"\"b\"\"\"", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_of_a_spine_get_the_features_that_were_known_at_their_times()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        var start = loop.Clock.Now;
        for (var minute = 0; minute < 5; minute++)
        {
            await toy.AppendAsync(toy.Tick(minute, loop.Clock.Now));
            loop.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        DateTime[] times = [start.AddSeconds(-1), start, start.AddSeconds(150), start.AddMinutes(10)];
        var spine = await UploadAsync("entityId,time,label\n" + string.Join('\n', times.Select((time, i) => $"1,{time:yyyy-MM-ddTHH:mm:ssZ},{i}")) + $"\nnobody,{start:yyyy-MM-ddTHH:mm:ssZ},9\n");
        var parameters = JsonSerializer.Serialize(new { entityType = toy.EntityType, features = (string[])[toy.View + ":n_1h", toy.View + ":x"] });
        var (_, lines) = await BuildAsync(new JobSpec { Kind = "dataset", Dataset = spine, Params = parameters });
        Assert.Equal($"entityId,time,label,{toy.View}:n_1h,{toy.View}:x", lines[0]);
        Assert.Equal(["0,", "1,0", "3,2", "5,4"], lines[1..5].Select(line => string.Join(',', line.Split(',')[3..])));
        Assert.Equal("9,0,", string.Join(',', lines[5].Split(',')[2..]));
        for (var i = 0; i < times.Length; i++)
            Assert.Equal((await toy.ReadAsync(asOf: times[i], names: toy.View + ":n_1h"))[0].Value.AsNumber(), Number(lines[i + 1].Split(',')[3]));
    }

    [Fact]
    public async Task A_row_of_a_spine_that_cannot_be_joined_ends_the_job_with_its_line()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        var parameters = JsonSerializer.Serialize(new { entityType = toy.EntityType, features = (string[])[toy.View + ":*"] });
        foreach (var (row, words) in ((string, string)[])[("1,soon", "'soon'"), (",2026-01-01T00:00:00Z", "names no entity"), ("1,", "has no time")])
        {
            var spine = await UploadAsync($"entityId,time\n1,2026-01-01T00:00:00Z\n{row}\n");
            var failed = await EndAsync(new JobSpec { Kind = "dataset", Dataset = spine, Params = parameters });
            Assert.Equal((JobState.Failed, "row_failed", 3), (failed.State, failed.Error!.Code, failed.Error.Faults[0].Line));
            Assert.Contains(words, failed.Error.Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_cannot_be_made_is_refused_before_a_job_is_made()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        var spine = await UploadAsync("entityId,time\n1,2026-01-01T00:00:00Z\n");
        var plain = await UploadAsync("a,b\n1,2\n");
        await RefusedAsync(new JobSpec { Kind = "dataset" }, "missing_member", "one of the two");
        await RefusedAsync(new JobSpec { Kind = "dataset", Dataset = plain }, "not_supported", "send the file again");
        await RefusedAsync(new JobSpec { Kind = "dataset", Model = "nothing" }, "unknown_model", "nothing");
        await RefusedAsync(new JobSpec { Kind = "dataset", Model = toy.Name, Params = """{"features":["q"]}""" }, "unknown_column", "'q' is no column");
        await RefusedAsync(new JobSpec { Kind = "dataset", Model = toy.Name, Params = """{"features":["z","z"]}""" }, "column_taken", "two columns 'z'");
        await RefusedAsync(new JobSpec { Kind = "dataset", Model = toy.Name, Params = """{"format":"xml"}""" }, "invalid", "csv or ndjson");
        await RefusedAsync(new JobSpec { Kind = "dataset", Model = toy.Name, Seed = 1 }, "invalid", "seed");
        await RefusedAsync(new JobSpec { Kind = "dataset", Dataset = "none", Params = "{}" }, "unknown_dataset", "'none'");
        await RefusedAsync(new JobSpec { Kind = "dataset", Dataset = spine, Params = "{}" }, "missing_member", "entityType");
        await RefusedAsync(Spine(spine, toy.EntityType), "missing_member", "features");
        await RefusedAsync(Spine(spine, "nobody", "x"), "unknown_entity_type", "nobody");
        await RefusedAsync(Spine(spine, toy.EntityType, toy.View + ":y"), "unknown_feature", toy.View + ":y");
        await RefusedAsync(Spine(plain, toy.EntityType, toy.View + ":x"), "unknown_column", "'time'");
        Assert.Equal("no_rows", (await EndAsync(new JobSpec { Kind = "dataset", Model = toy.Name })).Error!.Code);

        static JobSpec Spine(string dataset, string type, params string[] features) =>
            new() { Kind = "dataset", Dataset = dataset, Params = JsonSerializer.Serialize(new { entityType = type, features }) };
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string HashOf(JobStatus job)
    {
        using var result = JsonDocument.Parse(job.Result!);
        return result.RootElement.GetProperty("hash").GetString()!;
    }

    private async Task RefusedAsync(JobSpec spec, string code, string words)
    {
        var refused = await loop.Get<IJobService>().CreateAsync(spec, default);
        Assert.Equal(code, refused.Error?.Code);
        Assert.Contains(words, refused.Error!.Detail, StringComparison.Ordinal);
        Assert.InRange(refused.Error.Status, 400, 499);
    }

    private async Task<JobStatus> EndAsync(JobSpec spec)
    {
        var made = await loop.Get<IJobService>().CreateAsync(spec, default);
        Assert.True(made.IsSuccess, made.Error?.Detail);
        var job = made.Value;
        while (!job.IsFinal)
            job = (await loop.Get<IJobService>().WaitAsync(job.Id, job.Revision, default)).Value;
        return job;
    }

    private async Task<(JobStatus Job, string[] Lines)> BuildAsync(JobSpec spec)
    {
        var job = await EndAsync(spec);
        Assert.True(job.State == JobState.Succeeded, job.Error?.Detail);
        using var result = JsonDocument.Parse(job.Result!);
        var content = await ContentAsync(result.RootElement.GetProperty("dataset").GetString()!);
        return (job, content.TrimEnd('\n').Split('\n'));
    }

    private async Task<string> ContentAsync(string dataset)
    {
        var opened = await loop.Get<IDatasetService>().OpenAsync(dataset, default);
        using var reader = new StreamReader(opened.Value, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }

    private async Task<string> UploadAsync(string text)
    {
        var uploaded = await loop.Get<IDatasetService>().UploadAsync(new DatasetUpload(new MemoryStream(Encoding.UTF8.GetBytes(text)), "csv", null, "test"), default);
        Assert.True(uploaded.IsSuccess, uploaded.Error?.Detail);
        return uploaded.Value.Spec.Dataset!;
    }
}
