using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OrleansMl.EndToEnd.Tests;

/// <summary>Retrainings with the real program: kills at the steps, and the command line.</summary>
public sealed class RetrainKillTests : IDisposable
{
    private const string Application = """
        apiVersion: orleansml/v1
        kind: Application
        name: signs
        clock: wall
        entities: [{name: client}]
        models:
          - name: sign
            entity: client
            inputs: {z: {type: float, range: [-10, 10]}, u: {type: float, range: [0, 1]}}
            features: []
            pipeline: [{standard_scale: {columns: numeric}}]
            target: {name: positive, type: binary, classes: ["no", "yes"], window: 1h, default: none}
            promotion: {metric: log_loss, minOutcomes: 100}
        """;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Killed_at_each_step_it_goes_on_and_makes_the_version_that_one_attempt_makes()
    {
        var rows = Scales.Of(quick: 40_000, full: 200_000);
        var config = _folder.Write("silo.json", """{"Jobs": {"ReportEvery": "00:00:00.02"}, "Storage": {"Durability": "Process"}}""");
        string id;
        var left = new List<string> { "extract", "train", "evaluate" };
        await using (var first = await ServerProcess.StartAsync(_folder.At("data"), "--config", config))
        {
            (await first.Api.PostAsync("/api/v1/applications", Application, Api.Yaml)).Done();
            var uploaded = (await first.Api.PostAsync("/api/v1/datasets", Encoding.UTF8.GetBytes(Csv(rows)), "text/csv")).Is(202);
            var dataset = uploaded.Body.GetProperty("result").GetProperty("dataset").GetString();
            id = (await first.Api.PostAsync("/api/v1/jobs", $$$$"""{"kind":"retrain","model":"sign","dataset":"{{{{dataset}}}}","trainer":{"type":"logistic_regression","params":{"epochs":60}}}""")).Is(202)["id"]!;
            await KillAtAsync(first, id, left);
        }

        JsonElement job;
        while (true)
        {
            await using var server = await ServerProcess.StartAsync(_folder.At("data"), "--config", config);
            if (left.Count > 0 && await KillAtAsync(server, id, left))
                continue;
            job = await EndAsync(server.Api, id);
            Assert.True(job.GetProperty("state").GetString() == "succeeded", job.ToString());
            Assert.Empty(left);
            Assert.True(job.GetProperty("attempt").GetInt32() > 3, $"attempt {job.GetProperty("attempt")}");
            var model = (await server.Api.GetAsync("/api/v1/models/sign")).Done().Body;
            Assert.Equal(("1", 1), (model.GetProperty("aliases").GetProperty("champion").GetString(), model.GetProperty("versions").GetArrayLength()));

            var manifest = (await server.Api.GetAsync($"/api/v1/jobs/{id}/manifest")).Done().Body;
            Assert.True(manifest.GetProperty("repeatable").GetProperty("value").GetBoolean());
            var again = await EndAsync(server.Api, (await server.Api.PostAsync($"/api/v1/jobs/{id}/repeat", "")).Is(202)["id"]!);
            Assert.True(again.GetProperty("result").GetProperty("repeat").GetProperty("sameVersion").GetBoolean(), again.ToString());
            await Eventually.IsAsync(() => Task.FromResult(Directory.EnumerateFileSystemEntries(Path.Combine(_folder.At("data"), "datasets", "work")).FirstOrDefault()));
            break;
        }
    }

    [Fact]
    public async Task The_command_line_retrains_and_ends_by_what_became_of_the_version()
    {
        await using var server = await ServerProcess.StartAsync(_folder.At("data"));
        (await server.Api.PostAsync("/api/v1/applications", Application, Api.Yaml)).Done();
        var file = _folder.Write("rows.csv", Csv(2_000));
        string[] Command(params string[] more) => ["retrain", "sign", "--dataset", file, "--trainer", """{"type":"logistic_regression"}""", "--url", server.Address.ToString(), .. more];

        var promoted = await ProgramRun.OfAsync(Command("--wait"));
        Assert.True(promoted.ExitCode == 0, promoted.Error);
        Assert.Matches("log_loss +candidate +0", promoted.Output);
        Assert.Contains("version 1, of 2000 rows: promoted", promoted.Output, StringComparison.Ordinal);
        var rejected = await ProgramRun.OfAsync(Command("--wait", "--seed", "2", "--params", """{"split":{"test":0.3}}"""));
        Assert.True(rejected.ExitCode == 4, rejected.Error + rejected.Output);
        var started = await ProgramRun.OfAsync(Command("--register"));
        Assert.Matches("^[0-9a-f]{32}\n$", started.Output);
        Assert.Equal(2, (await ProgramRun.OfAsync("retrain", "sign", "--trainer", "{", "--url", server.Address.ToString())).ExitCode);
        Assert.Equal(2, (await ProgramRun.OfAsync("retrain", "sign", "--window", "soon", "--url", server.Address.ToString())).ExitCode);

        var lineage = await ProgramRun.OfAsync("lineage", "sign", "--url", server.Address.ToString());
        Assert.True(lineage.ExitCode == 0, lineage.Error);
        Assert.Matches("rows +2000", lineage.Output);
        Assert.Matches("children +2", lineage.Output);
    }

    /// <summary>Kills the server at the first of some steps that the job is seen in, and takes it out; false: the job ended before.</summary>
    private static async Task<bool> KillAtAsync(ServerProcess server, string id, List<string> steps)
    {
        var killed = false;
        await Eventually.IsAsync(
            async () =>
            {
                var job = (await server.Api.GetAsync($"/api/v1/jobs/{id}")).Done().Body;
                if (job.GetProperty("state").GetString() is "succeeded" or "failed")
                    return null;
                killed = job.GetProperty("state").GetString() == "running" && steps.Remove(job.GetProperty("step").GetString() ?? "");
                return killed ? null : $"none of {string.Join(", ", steps)}: {job}";
            },
            TimeSpan.FromSeconds(90));
        if (killed)
            await server.KillAsync();
        return killed;
    }

    private static string Csv(int rows)
    {
        var random = new Random(5);
        var text = new StringBuilder("z,u,positive\n");
        for (var row = 0; row < rows; row++)
        {
            var z = (random.NextDouble() * 4) - 2;
            text.Append(CultureInfo.InvariantCulture, $"{z:R},{random.NextDouble():R},{(z > 0 == random.NextDouble() > 0.1 ? "yes" : "no")}\n");
        }

        return text.ToString();
    }

    private static async Task<JsonElement> EndAsync(Api api, string id)
    {
        JsonElement job = default;
        await Eventually.IsAsync(
            async () => (job = (await api.GetAsync($"/api/v1/jobs/{id}")).Done().Body).GetProperty("state").GetString() is "succeeded" or "failed" or "cancelled" ? null : $"not ended: {job}",
            TimeSpan.FromSeconds(120));
        return job;
    }
}
