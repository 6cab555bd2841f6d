using System.Globalization;
using System.Text;
using System.Text.Json;
using OrleansMl.Datasets;
using OrleansMl.Jobs;
using OrleansMl.Services;
using OrleansMl.Storage;

namespace OrleansMl.Grains.Tests.Jobs;

[Collection(LoopCollection.Name)]
public sealed class BatchPredictTests(LoopFixture loop)
{
    private IJobService Jobs => loop.Get<IJobService>();

    private IDatasetService Datasets => loop.Get<IDatasetService>();

    [Fact]
    public async Task Every_row_of_a_CSV_file_is_scored_in_order_with_what_is_kept()
    {
        var model = await RegisterAsync(2);
        var file = "id,x\n" + string.Join('\n', Enumerable.Range(1, 500).Select(i => $"\"n,{i}\",{i}"));
        var (job, text) = await ScoreAsync(model, file, "csv", """{"keep":["id"]}""");
        Assert.Equal((500.0, 0.0), (job.Metrics["rows"], job.Metrics["failed"]));
        var lines = text.Split('\n');
        Assert.Equal("row,id,y,error", lines[0]);
        Assert.Equal(Enumerable.Range(1, 500).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i},\"n,{i}\",{i + 2},")), lines[1..501]);
        Assert.Equal("", lines[501]);
    }

    [Fact]
    public async Task A_row_with_a_bad_value_has_its_error_and_its_neighbours_their_answers()
    {
        var model = await RegisterAsync(1);
        var (job, text) = await ScoreAsync(model, "x\n1\nfour\n3\n", "csv", """{"format":"ndjson"}""");
        Assert.Equal(1, job.Metrics["failed"]);
        var rows = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToArray();
        Assert.Equal([2.0, 4.0], new[] { 0, 2 }.Select(i => rows[i].GetProperty("outputs").GetProperty("y").GetDouble()));
        Assert.Equal("invalid_value", rows[1].GetProperty("error").GetProperty("code").GetString());
        Assert.Contains("'four'", rows[1].GetProperty("error").GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_of_JSON_are_scored_too_and_a_missing_number_is_NaN()
    {
        var model = await RegisterAsync(0.5f);
        var (_, text) = await ScoreAsync(model, "{\"x\":1,\"note\":\"a\"}\n{\"x\":[2]}\n{\"note\":\"c\"}\n{\"x\":{}}\n", "ndjson", """{"columns":["x"],"format":"csv"}""");
        Assert.Equal(["row,y,error", "1,1.5,", "2,2.5,", "3,NaN,"], text.Split('\n')[..4]);
        Assert.StartsWith("4,,invalid_value", text.Split('\n')[4], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_version_is_the_one_that_was_meant_when_the_job_was_made_and_a_repeat_uses_it_again()
    {
        var model = await RegisterAsync(1);
        var two = (await loop.Control.RegisterAsync(new RegisterVersion(model, Models.Add(10)), default)).Value.Version.Manifest.Version;
        await loop.Control.SetAliasAsync(model, new AliasChange("champion", 1, null, null, "test"), default);
        var (job, first) = await ScoreAsync(model, "x\n1\n", "csv", null);
        Assert.Equal(1, job.Spec.Version);
        await loop.Control.SetAliasAsync(model, new AliasChange("champion", two, 1, null, "test"), default);
        var again = await EndAsync((await Jobs.RepeatAsync(job.Id, "test", default)).Value.Id);
        Assert.Equal(first, await TextAsync(again));
        var report = (await Jobs.GetManifestAsync(job.Id, default)).Value;
        Assert.Equal((1, job.Spec.Dataset), (report.Version!.Version, report.Dataset!.Id));
    }

    [Fact]
    public async Task Rows_for_a_declared_model_are_predictions_for_their_entities_and_logged_once()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(bootstrap: 40));
        await toy.TeachAsync(60, 1, z => z > 0);
        var file = "entityId,z,label\n" + string.Join('\n', Enumerable.Range(0, 130).Select(i => $"{i % 3},{(i % 2 == 0 ? "2.5" : "-2.5")},ignored"));
        var (job, text) = await ScoreAsync(toy.Name, file, "csv", """{"keep":["entityId"],"format":"ndjson"}""");
        Assert.Equal((130.0, 0.0), (job.Metrics["rows"], job.Metrics["failed"]));
        var rows = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToArray();
        Assert.Equal(130, rows.Length);
        Assert.Equal(["yes", "no"], rows.Take(2).Select(r => r.GetProperty("label").GetString()));
        Assert.Equal("1", rows[1].GetProperty("entityId").GetString());
        var logged = (await loop.Control.GetPredictionAsync(rows[7].GetProperty("predictionId").GetString()!, default)).Value;
        Assert.Equal($"job:{job.Id}:8", logged.Record.RequestId);
        Assert.Equal(130, rows.Select(r => r.GetProperty("predictionId").GetString()).Distinct().Count());
        Assert.Equal(1, rows[0].GetProperty("values").GetProperty("no").GetDouble() + rows[0].GetProperty("values").GetProperty("yes").GetDouble(), 9);
    }

    [Theory]
    [InlineData("""{"colums":["x"]}""", 400, "unknown_member")]
    [InlineData("""{"columns":["z"]}""", 400, "unknown_column")]
    [InlineData("""{"columns":["x","w"]}""", 400, "wrong_columns")]
    [InlineData("""{"format":"xml"}""", 400, "invalid")]
    [InlineData("""{"columns":["w"],"keep":["x","x"]}""", 400, "column_taken")]
    [InlineData("""{"batchRows":0}""", 400, "out_of_range")]
    [InlineData(null, 400, "wrong_columns")]
    public async Task A_job_that_cannot_be_run_is_refused_before_it_is_made(string? parameters, int status, string code)
    {
        var dataset = await UploadAsync("w,x\n1,2\n", "csv");
        // An input whose name is no column.
        var model = "m" + Guid.NewGuid().ToString("n")[..12];
        Assert.True((await loop.Control.RegisterAsync(new RegisterVersion(model, Models.Add(1, input: "in")), default)).IsSuccess);
        var refused = await Jobs.CreateAsync(new JobSpec { Kind = "batchPredict", Model = model, Dataset = dataset, Params = parameters }, default);
        Assert.Equal((status, code), (refused.Error!.Status, refused.Error.Code));
    }

    [Fact]
    public async Task Names_that_nothing_has_are_refused()
    {
        var model = await RegisterAsync(1);
        var dataset = await UploadAsync("x\n1\n", "csv");
        Assert.Equal("unknown_model", await CodeAsync(new JobSpec { Kind = "batchPredict", Model = "nothing", Dataset = dataset }));
        Assert.Equal("unknown_dataset", await CodeAsync(new JobSpec { Kind = "batchPredict", Model = model, Dataset = "nothing" }));
        Assert.Equal("unknown_version", await CodeAsync(new JobSpec { Kind = "batchPredict", Model = model, Dataset = dataset, Version = 7 }));
        Assert.Equal("unknown_alias", await CodeAsync(new JobSpec { Kind = "batchPredict", Model = model, Dataset = dataset, Alias = "none" }));
        Assert.Equal("missing_member", await CodeAsync(new JobSpec { Kind = "batchPredict", Model = model }));

        async Task<string> CodeAsync(JobSpec spec) => (await Jobs.CreateAsync(spec, default)).Error!.Code;
    }

    [Fact]
    public async Task An_upload_is_described_and_a_bad_one_leaves_nothing()
    {
        var id = await UploadAsync("a,b\n1,\n2,x\n", "csv");
        var record = (await Datasets.GetAsync(id, default)).Value;
        Assert.Equal((2L, 11L, "a int 0, b string 1"), (record.Rows, record.Bytes, string.Join(", ", record.Columns.Select(c => $"{c.Name} {c.Type} {c.Missing}"))));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("a,b\n1,\n2,x\n"u8)), record.Hash);

        var bad = await Datasets.UploadAsync(new DatasetUpload(new MemoryStream("a,b\n1,2\n3\n"u8.ToArray()), "csv", null, "test"), default);
        Assert.Equal((400, "malformed_csv", 3), (bad.Error!.Status, bad.Error.Code, bad.Error.Faults[0].Line));
        var empty = await Datasets.UploadAsync(new DatasetUpload(new MemoryStream("a,b\n"u8.ToArray()), "csv", null, "test"), default);
        Assert.Equal("no_rows", empty.Error!.Code);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(loop.Store.DataFolder, "datasets", "work"), "upload-*"));
    }

    private async Task<string> RegisterAsync(float add)
    {
        var model = "m" + Guid.NewGuid().ToString("n")[..12];
        var registered = await loop.Control.RegisterAsync(new RegisterVersion(model, Models.Add(add)), default);
        Assert.True(registered.IsSuccess, registered.Error?.Detail);
        return model;
    }

    private async Task<string> UploadAsync(string text, string format)
    {
        var job = await Datasets.UploadAsync(new DatasetUpload(new MemoryStream(Encoding.UTF8.GetBytes(text)), format, "file." + format, "test"), default);
        Assert.True(job.IsSuccess, job.Error?.Detail);
        Assert.Equal(JobState.Succeeded, job.Value.State);
        return JsonDocument.Parse(job.Value.Result!).RootElement.GetProperty("dataset").GetString()!;
    }

    private async Task<(JobStatus Job, string Text)> ScoreAsync(string model, string file, string format, string? parameters)
    {
        var made = await Jobs.CreateAsync(new JobSpec { Kind = "batchPredict", Model = model, Dataset = await UploadAsync(file, format), Params = parameters }, default);
        Assert.True(made.IsSuccess, made.Error?.Detail);
        var job = await EndAsync(made.Value.Id);
        return (job, await TextAsync(job));
    }

    private async Task<JobStatus> EndAsync(string id)
    {
        await Eventually.IsAsync(async () => (await Jobs.GetAsync(id, default)).Value is { IsFinal: true } ? null : "it has not ended", TimeSpan.FromSeconds(40));
        var job = (await Jobs.GetAsync(id, default)).Value;
        Assert.True(job.State == JobState.Succeeded, job.Error?.Detail);
        return job;
    }

    private async Task<string> TextAsync(JobStatus job)
    {
        var dataset = JsonDocument.Parse(job.Result!).RootElement.GetProperty("dataset").GetString()!;
        await using var content = (await Datasets.OpenAsync(dataset, default)).Value;
        using var reader = new StreamReader(content);
        return await reader.ReadToEndAsync();
    }
}
