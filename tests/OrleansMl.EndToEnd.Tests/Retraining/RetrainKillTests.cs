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

    private const string Trainer = """
            trainer: {type: logistic_regression, tune: {trials: 3, folds: 2, space: {epochs: [1, 2, 5]}}}

        """;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Where the server is killed, in turn: in each step where it is done but not yet saved; of a long run, as each step begins too.</summary>
    private static readonly string[] s_points =
    [
        .. new[] { "extract", "validate", "fit", "tune", "train", "evaluate", "register" }.SelectMany(step => Scales.Of<string[]>(quick: [$"checkpoint {step}"], full: [$"step {step}", $"checkpoint {step}"])),
        "step rollOut",
        "finish succeeded",
    ];

    [Fact]
    public async Task Killed_at_each_step_it_goes_on_and_makes_the_version_that_one_attempt_makes()
    {
        var config = _folder.Write("silo.json", """{"Storage": {"Durability": "Process"}}""");
        await using (var server = await ServerProcess.StartAsync(_folder.At("data"), "--config", config))
        {
            await ServeAsync(server.Api, Scales.Of(quick: 800, full: 20_000));
            await server.KillAsync();
        }

        foreach (var point in s_points)
            await ServerProcess.KilledAtAsync(point, _folder.At("data"), ["--config", config], BeginAsync);

        await using var last = await ServerProcess.StartAsync(_folder.At("data"), "--config", config);
        var jobs = new List<JsonElement>();
        foreach (var begun in await JobsAsync(last.Api))
            jobs.Add(await EndAsync(last.Api, begun.GetProperty("id").GetString()!));
        Assert.All(jobs, job => Assert.True(job.GetProperty("state").GetString() == "succeeded", job.ToString()));
        Assert.All(jobs, job => Assert.Equal("2", job.GetProperty("result").GetProperty("version").GetString()));
        Assert.Equal("promoted", jobs[^1].GetProperty("result").GetProperty("decision").GetString());
        Assert.Equal(s_points.Length, jobs.Sum(job => job.GetProperty("attempt").GetInt32() - 1));
        var model = (await last.Api.GetAsync("/api/v1/models/sign")).Done().Body;
        Assert.Equal(("2", 2), (model.GetProperty("aliases").GetProperty("champion").GetString(), model.GetProperty("versions").GetArrayLength()));

        var id = jobs[^1].GetProperty("id").GetString();
        var manifest = (await last.Api.GetAsync($"/api/v1/jobs/{id}/manifest")).Done().Body;
        Assert.True(manifest.GetProperty("repeatable").GetProperty("value").GetBoolean());
        var again = await EndAsync(last.Api, (await last.Api.PostAsync($"/api/v1/jobs/{id}/repeat", "")).Is(202)["id"]!);
        Assert.True(again.GetProperty("result").GetProperty("repeat").GetProperty("sameVersion").GetBoolean(), again.ToString());
        await Eventually.IsAsync(() => Task.FromResult(Directory.EnumerateFileSystemEntries(Path.Combine(_folder.At("data"), "datasets", "work")).FirstOrDefault()));
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

    /// <summary>Version 1, which has learned from coins, answers; and the truths come.</summary>
    private static async Task ServeAsync(Api api, int rows)
    {
        (await api.PostAsync("/api/v1/applications", Application.Replace("    promotion:", Trainer + "    promotion:", StringComparison.Ordinal), Api.Yaml)).Done();
        var coins = (await api.PostAsync("/api/v1/datasets", Encoding.UTF8.GetBytes(Csv(600, noise: 0.5)), "text/csv")).Is(202);
        var dataset = coins.Body.GetProperty("result").GetProperty("dataset").GetString();
        var first = (await api.PostAsync("/api/v1/jobs", $$$$"""{"kind":"retrain","model":"sign","dataset":"{{{{dataset}}}}","trainer":{"type":"logistic_regression"}}""")).Is(202)["id"]!;
        Assert.Equal("promoted", (await EndAsync(api, first)).GetProperty("result").GetProperty("decision").GetString());

        string[][] sent = [.. Csv(rows, noise: 0.1).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(','))];
        var answers = (await api.PostAsync(
            "/api/v1/models/sign/predict",
            string.Join('\n', sent.Select((row, i) => $$$$"""{"entity":{"type":"client","id":"c{{{{i % 9}}}}"},"inputs":{"z":{{{{row[0]}}}},"u":{{{{row[1]}}}}}}""")),
            Api.Ndjson)).Done().Lines;
        var truths = answers.Select((line, i) => $$$$"""{"id":"o{{{{i}}}}","predictionId":"{{{{line.GetProperty("predictionId").GetString()}}}}","value":"{{{{sent[i][2]}}}}"}""");
        (await api.PostAsync("/api/v1/outcomes", string.Join('\n', truths), Api.Ndjson)).Done();
    }

    /// <summary>
    /// Begins a retraining where none is open. The process of one that was killed may have been steps ahead of what was saved: they are taken over,
    /// and the job ends without coming to the point; the next one comes to it.
    /// </summary>
    private static async Task BeginAsync(Api api)
    {
        try
        {
            foreach (var job in await JobsAsync(api))
                await EndAsync(api, job.GetProperty("id").GetString()!);
            (await api.PostAsync("/api/v1/jobs", """{"kind":"retrain","model":"sign"}""")).Is(202);
        }
        catch (HttpRequestException)
        {
            // The server is dead, as it should be.
        }
    }

    /// <summary>Those that learn from the log, the newest first.</summary>
    private static async Task<IReadOnlyList<JsonElement>> JobsAsync(Api api) =>
        [.. (await api.GetAsync("/api/v1/jobs?kind=retrain")).Done().Body.GetProperty("items").EnumerateArray().Where(job => job.GetProperty("dataset").ValueKind == JsonValueKind.Null)];

    private static string Csv(int rows, double noise = 0.1)
    {
        var random = new Random(5);
        var text = new StringBuilder("z,u,positive\n");
        for (var row = 0; row < rows; row++)
        {
            var z = (random.NextDouble() * 4) - 2;
            text.Append(CultureInfo.InvariantCulture, $"{z:R},{random.NextDouble():R},{(z > 0 == random.NextDouble() > noise ? "yes" : "no")}\n");
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
