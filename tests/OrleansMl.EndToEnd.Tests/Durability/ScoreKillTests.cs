using System.Globalization;
using System.Text;
using OrleansMl.Inference.Onnx;
using OrleansMl.Inference.Tests;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.EndToEnd.Tests;

/// <summary>Batch scoring with the real program: uploads, kills in the middle, downloads.</summary>
public sealed class ScoreKillTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task After_kills_in_the_middle_the_result_has_every_row_exactly_once_and_in_order()
    {
        var rows = Scales.Of(quick: 60_000, full: 600_000);
        var kills = Scales.Of(quick: 2, full: 8);
        var config = _folder.Write("silo.json", """{"Jobs": {"CheckpointEvery": "00:00:00.05", "ReportEvery": "00:00:00.02"}, "Storage": {"Durability": "Process"}}""");
        string id;
        await using (var first = await ServerProcess.StartAsync(_folder.At("data"), "--config", config))
        {
            (await first.Api.PostAsync("/api/v1/models/twice/versions", Twice(), Api.Octets)).Done();
            var uploaded = (await first.Api.PostAsync("/api/v1/datasets", Encoding.UTF8.GetBytes(Csv(rows)), "text/csv")).Is(202);
            var dataset = uploaded.Body.GetProperty("result").GetProperty("dataset").GetString();
            var made = (await first.Api.PostAsync("/api/v1/jobs", $$$"""{"kind":"batchPredict","model":"twice","dataset":"{{{dataset}}}","params":{"keep":["name"],"columns":["x"],"batchRows":16}}""")).Is(202);
            id = made["id"]!;
            await PassAsync(first.Api, id, rows / 20);
            await first.KillAsync();
        }

        var reached = 0L;
        for (var kill = 1; kill < kills; kill++)
        {
            await using var server = await ServerProcess.StartAsync(_folder.At("data"), "--config", config);
            reached = await PassAsync(server.Api, id, reached + (rows / 20));
            await server.KillAsync();
        }

        await using var last = await ServerProcess.StartAsync(_folder.At("data"), "--config", config);
        var job = await EndAsync(last.Api, id);
        Assert.Equal(("succeeded", rows), (job.GetProperty("state").GetString(), job.GetProperty("result").GetProperty("rows").GetInt64()));
        Assert.True(job.GetProperty("attempt").GetInt32() >= kills, $"only attempt {job.GetProperty("attempt")}: it was over before it was killed");
        var content = (await last.Api.GetAsync($"/api/v1/datasets/{job.GetProperty("result").GetProperty("dataset").GetString()}/content")).Is(200).Text;
        Assert.Equal(Expected(rows), content);
        await Eventually.IsAsync(() => Task.FromResult(Directory.EnumerateFiles(Path.Combine(_folder.At("data"), "datasets", "work")).FirstOrDefault()));
        var log = (await last.Api.GetAsync($"/api/v1/jobs/{id}/log")).Done().Text;
        Assert.Contains("goes on from the checkpoint", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_line_scores_a_file_and_goes_on_with_a_job_after_an_interruption()
    {
        const int Rows = 2_000;
        await using var server = await ServerProcess.StartAsync(_folder.At("data"));
        (await server.Api.PostAsync("/api/v1/models/twice/versions", Twice(), Api.Octets)).Done();
        var file = _folder.Write("rows.csv", Csv(Rows));
        var url = server.Address.ToString();

        var scored = await ProgramRun.OfAsync("score", file, "--model", "twice", "--keep", "name", "--columns", "x", "--url", url);

        Assert.True(scored.ExitCode == 0, scored.Error);
        Assert.Equal(Expected(Rows), await File.ReadAllTextAsync(_folder.At("rows.scored.csv")));
        var id = System.Text.RegularExpressions.Regex.Match(scored.Error, "--job ([0-9a-f]{32})").Groups[1].Value;
        var again = await ProgramRun.OfAsync("score", "--job", id, "--out", _folder.At("again.csv"), "--url", url);
        Assert.True(again.ExitCode == 0, again.Error);
        Assert.Equal(Expected(Rows), await File.ReadAllTextAsync(_folder.At("again.csv")));
        var list = await ProgramRun.OfAsync("jobs", "list", "--url", url);
        Assert.Matches($@"{id} +batchPredict +twice +succeeded +100", list.Output);

        Assert.Equal(1, (await ProgramRun.OfAsync("score", file, "--model", "nothing", "--url", url)).ExitCode);
        Assert.Equal(2, (await ProgramRun.OfAsync("score", _folder.Write("bad.csv", "a,b\n1\n"), "--model", "twice", "--url", url)).ExitCode);
        Assert.Equal(2, (await ProgramRun.OfAsync("score", _folder.At("absent.csv"), "--model", "twice", "--url", url)).ExitCode);
    }

    /// <summary>y = x + x, [N, 1].</summary>
    private static byte[] Twice() => Graphs.Model(Graphs.Node("Add", ["x", "x"], ["y"])).In("x", DataType.Float, "n", 1).Out("y", DataType.Float, "n", 1).Bytes();

    private static string Csv(int rows)
    {
        var text = new StringBuilder("name,x\n");
        for (var row = 1; row <= rows; row++)
            text.Append(CultureInfo.InvariantCulture, $"\"row\n{row}\",{row % 1000}\n");
        return text.ToString();
    }

    private static string Expected(int rows)
    {
        var text = new StringBuilder("row,name,y,error\n");
        for (var row = 1; row <= rows; row++)
            text.Append(CultureInfo.InvariantCulture, $"{row},\"row\n{row}\",{row % 1000 * 2},\n");
        return text.ToString();
    }

    /// <summary>Waits until a job has scored so many rows; answers with how many it has.</summary>
    private static async Task<long> PassAsync(Api api, string id, long rows)
    {
        var at = 0L;
        await Eventually.IsAsync(async () =>
        {
            var job = (await api.GetAsync($"/api/v1/jobs/{id}")).Done().Body;
            at = job.GetProperty("metrics").TryGetProperty("rows", out var told) ? told.GetInt64() : 0;
            return at >= rows || job.GetProperty("state").GetString() is "succeeded" or "failed" ? null : $"{at} of {rows} rows: {job}";
        });
        return at;
    }

    private static async Task<System.Text.Json.JsonElement> EndAsync(Api api, string id)
    {
        System.Text.Json.JsonElement job = default;
        await Eventually.IsAsync(
            async () => (job = (await api.GetAsync($"/api/v1/jobs/{id}")).Done().Body).GetProperty("state").GetString() is "succeeded" or "failed" or "cancelled" ? null : $"not ended: {job}",
            TimeSpan.FromSeconds(120));
        return job;
    }
}
