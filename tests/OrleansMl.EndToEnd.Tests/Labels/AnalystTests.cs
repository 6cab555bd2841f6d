using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace OrleansMl.EndToEnd.Tests;

/// <summary>An analyst looks at what was wrong, sets it right, and the learner learns exactly that.</summary>
public sealed class AnalystTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Wrong_predictions_are_exported_corrected_by_upload_and_learned_once_each()
    {
        await using var server = await ServerProcess.StartAsync(_folder.At("data"), "--app", _folder.Write("fleet.yaml", Fleet.Yaml));
        var api = server.Api;
        await Fleet.TeachAsync(api, Fleet.Bootstrap, "first");
        await Eventually.IsAsync(async () => await Fleet.ChampionAsync(api) is "1" ? null : "no version 1");

        // Twelve answers, of which somebody labels five the wrong way round.
        var loads = Enumerable.Range(0, 12).Select(i => i % 2 == 0 ? 2.0 : -2.0).ToArray();
        var asked = await api.PostAsync($"/api/v1/models/{Fleet.Model}/predict", Fleet.Lines(loads.Select((l, i) => Fleet.Predict($"a{i}", l))), Api.Ndjson);
        var ids = asked.Done().Lines.Select(l => l.GetProperty("predictionId").GetString()!).ToArray();
        (await api.PostAsync("/api/v1/outcomes", Fleet.Lines(ids.Select((id, i) => Fleet.Outcome($"t{i}", id, loads[i] > 0 != i < 5))), Api.Ndjson)).Done();
        await Eventually.IsAsync(async () => await Fleet.ExamplesAsync(api) is 52 ? null : "not all labels are learned");

        var file = _folder.At("wrong.csv");
        var exported = await ProgramRun.OfAsync("predictions", Fleet.Model, "--wrong", "--out", file, "--url", server.Address.ToString());
        Assert.True(exported.ExitCode == 0, exported.Error);
        var lines = (await File.ReadAllTextAsync(file)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("predictionId,time,model,version,revision,entity,score,label,truth,state,source,propensity,load,total:n", lines[0]);
        var wrong = lines[1..].Select(l => l.Split(',')).Where(c => c[5].StartsWith("device/a", StringComparison.Ordinal)).ToArray();
        Assert.Equal(ids[..5].Order(), wrong.Select(c => c[0]).Order());
        Assert.All(wrong, c => Assert.NotEqual(c[7], c[8]));

        // The truths of three are edited in the export, which goes back whole.
        var edited = wrong.Take(3).Select(c => c[0]).ToArray();
        var back = lines.Select(l => l.Split(',')).Select(c => edited.Contains(c[0]) ? [.. c[..8], c[7], .. c[9..]] : c).Select(c => string.Join(',', c));
        var uploaded = await ProgramRun.OfAsync("upload", _folder.Write("back.csv", string.Join('\n', back)), "--kind", "corrections", "--url", server.Address.ToString());
        Assert.True(uploaded.ExitCode == 0, uploaded.Error + uploaded.Output);
        Assert.Contains("3 corrected", uploaded.Output, StringComparison.Ordinal);
        Assert.Contains($"{lines.Length - 1 - 3} unchanged", uploaded.Output, StringComparison.Ordinal);
        await Eventually.IsAsync(async () => await Fleet.ExamplesAsync(api) is var n && n == 55 ? null : $"{n} examples, not 55");

        var one = (await api.GetAsync($"/api/v1/predictions/{edited[0]}")).Done().Body.GetProperty("outcome");
        Assert.Equal(("corrected", "correction"), (one.GetProperty("state").GetString(), one.GetProperty("source").GetString()));
        Assert.Equal(["api replaced", "correction stands"], one.GetProperty("history").EnumerateArray().Select(h => $"{h.GetProperty("source").GetString()} {h.GetProperty("verdict").GetString()}"));
        var states = (await api.GetAsync($"/api/v1/predictions?model={Fleet.Model}&state=corrected")).Done().Body.GetProperty("items");
        Assert.Equal(edited.Order(), states.EnumerateArray().Select(p => p.GetProperty("predictionId").GetString()!).Order());

        // What is right now is in no list of the wrong ones, and the same file again changes nothing.
        var still = (await api.GetAsync($"/api/v1/predictions?model={Fleet.Model}&wrong=true", Api.Ndjson)).Done().Lines.Select(l => l.GetProperty("predictionId").GetString()!).ToHashSet();
        Assert.DoesNotContain(edited[0], still);
        Assert.Contains(wrong[3][0], still);
        (await ProgramRun.OfAsync("upload", _folder.At("back.csv"), "--kind", "corrections", "--url", server.Address.ToString())).ExitCode.ToString(CultureInfo.InvariantCulture);
        Assert.Equal(55, await Fleet.ExamplesAsync(api));
    }

    [Fact]
    public async Task An_upload_comes_in_by_any_form_and_its_faults_can_be_fetched()
    {
        await using var server = await ServerProcess.StartAsync(_folder.At("data"), "--app", _folder.Write("fleet.yaml", Fleet.Yaml));
        var api = server.Api;
        var text = "entityId,value\nd1,1\nd1,2\nd2,none\n";

        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(text));
        var job = (await api.PostAsync("/api/v1/uploads?kind=events&entityType=device&eventType=reading", packed.ToArray(), "text/csv", ("Content-Encoding", "gzip"))).Is(202);
        await EndAsync(api, job["id"]!);
        Assert.Equal(2, await Fleet.FeatureAsync(api, "d1", "total:n"));
        var faults = (await api.GetAsync($"/api/v1/uploads/{job["id"]}/faults")).Is(200);
        Assert.StartsWith("row,line,column,code,detail\n3,4,value,invalid_value,", faults.Text, StringComparison.Ordinal);

        var multipart = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"more.ndjson\"\r\n\r\n{\"entityId\":\"d3\",\"value\":4}\r\n--b--\r\n";
        job = (await api.PostAsync("/api/v1/uploads?kind=events&entityType=device&eventType=reading", multipart, "multipart/form-data; boundary=b")).Is(202);
        await EndAsync(api, job["id"]!);
        Assert.Equal(4, await Fleet.FeatureAsync(api, "d3", "total:sum"));
        (await api.GetAsync($"/api/v1/uploads/{job["id"]}/faults")).Is(204);

        (await api.PostAsync("/api/v1/uploads", text, "text/csv")).Is(400);
        (await api.PostAsync("/api/v1/uploads?kind=things", text, "text/csv")).Is(400);
        Assert.Equal("unknown_column", (await api.PostAsync("/api/v1/uploads?kind=corrections", text, "text/csv")).Is(400)["code"]);
        (await api.PostAsync("/api/v1/uploads?kind=events&entityType=device&eventType=reading", text, "text/csv", ("Content-Encoding", "gzip"))).Is(400);
        (await api.PostAsync("/api/v1/uploads?kind=events&entityType=device&eventType=reading", text, "text/csv", ("Content-Encoding", "br"))).Is(415);
        (await api.GetAsync("/api/v1/uploads/nothing/faults")).Is(404);
    }

    [Fact]
    public async Task After_kills_in_the_middle_an_upload_has_taken_every_row_in_exactly_once()
    {
        var rows = Scales.Of(quick: 120_000, full: 400_000);
        var config = _folder.Write("silo.json", """{"Jobs": {"CheckpointEvery": "00:00:00.05", "ReportEvery": "00:00:00.02"}, "Storage": {"Durability": "Process"}}""");
        var text = new StringBuilder("entityId,value\n");
        for (var i = 0; i < rows; i++)
            text.Append(CultureInfo.InvariantCulture, $"k{i % 50},1\n");
        string id;
        await using (var first = await ServerProcess.StartAsync(_folder.At("data"), "--config", config, "--app", _folder.Write("fleet.yaml", Fleet.Yaml)))
        {
            id = (await first.Api.PostAsync("/api/v1/uploads?kind=events&entityType=device&eventType=reading", Encoding.UTF8.GetBytes(text.ToString()), "text/csv")).Is(202)["id"]!;
            await PassAsync(first.Api, id, rows / 10);
            await first.KillAsync();
        }

        await using (var second = await ServerProcess.StartAsync(_folder.At("data"), "--config", config))
        {
            await PassAsync(second.Api, id, rows / 3);
            await second.KillAsync();
        }

        await using var last = await ServerProcess.StartAsync(_folder.At("data"), "--config", config);
        var job = await EndAsync(last.Api, id);

        // The second kill may come too late on a fast machine; the first does not.
        Assert.True(job.GetProperty("attempt").GetInt32() >= 2, $"it was over before it was killed: {job}");
        Assert.Equal(rows, job.GetProperty("result").GetProperty("rows").GetInt64());
        for (var k = 0; k < 50; k += 7)
            Assert.Equal(rows / 50, await Fleet.FeatureAsync(last.Api, $"k{k}", "total:n"));
    }

    private static async Task PassAsync(Api api, string id, long rows) => await Eventually.IsAsync(async () =>
    {
        var job = (await api.GetAsync($"/api/v1/jobs/{id}")).Done().Body;
        return job.GetProperty("metrics").TryGetProperty("rows", out var done) && done.GetDouble() >= rows ? null : $"it is at {job.GetProperty("metrics")}";
    }, TimeSpan.FromMinutes(1));

    private static async Task<JsonElement> EndAsync(Api api, string id)
    {
        JsonElement job = default;
        await Eventually.IsAsync(async () =>
        {
            job = (await api.GetAsync($"/api/v1/jobs/{id}")).Done().Body;
            return job.GetProperty("state").GetString() is "succeeded" ? null : job.ToString();
        }, TimeSpan.FromMinutes(2));
        return job;
    }
}
