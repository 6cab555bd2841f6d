using System.Globalization;
using System.Text.Json;

namespace OrleansMl.Benchmarks.Retrain;

/// <summary>From rows to a registered version: of a data set that was sent, and of predictions that were logged. Where the time goes is the job's own word.</summary>
internal sealed class PathPart(RetrainSettings settings, RetrainClient client, ChildServer server, string folder)
{
    private const int Entities = 1000;

    private static readonly string[] s_steps = ["extract", "validate", "fit", "tune", "train", "evaluate", "register", "rollOut"];

    /// <summary>Sends a file of rows and retrains on it.</summary>
    public async Task<IReadOnlyList<BenchResult>> DataAsync()
    {
        var file = Path.Combine(folder, "rows.csv");
        SyntheticRows.WriteCsv(file, RetrainClient.Truth, entities: 0, settings.Rows, seed: 1);
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        var dataset = await client.UploadAsync(file);
        var sent = System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds;
        File.Delete(file);
        var name = string.Create(CultureInfo.InvariantCulture, $"data set {settings.Rows} x {SyntheticRows.Columns}");
        return [Figure($"{name}: sent", settings.Rows / sent, "1/s"), .. await RetrainAsync(name, settings.Rows, dataset)];
    }

    /// <summary>
    /// Logs predictions by a job of batch scoring, sends their truths by a job of an upload, and retrains on the log. The
    /// result of the first job is the file of the second as it is.
    /// </summary>
    public async Task<IReadOnlyList<BenchResult>> LogAsync()
    {
        var file = Path.Combine(folder, "log.csv");
        SyntheticRows.WriteCsv(file, "value", Entities, settings.LogRows, seed: 2);
        var dataset = await client.UploadAsync(file);
        File.Delete(file);
        var logged = await client.RunAsync($$$"""{"kind":"batchPredict","model":"clicks","dataset":"{{{dataset}}}","params":{"keep":["value"],"onError":"fail"}}""");
        var labelled = await client.RunAsync($$$"""{"kind":"upload","dataset":"{{{logged.Result.GetProperty("dataset").GetString()}}}","params":{"kind":"outcomes"}}""");
        var joined = labelled.Result.GetProperty("counts").TryGetProperty("joined", out var count) ? count.GetInt32() : 0;
        if (joined != settings.LogRows)
            throw new InvalidOperationException($"{settings.LogRows} predictions were logged, and {joined} outcomes joined: {labelled.Result}");
        var name = string.Create(CultureInfo.InvariantCulture, $"log {settings.LogRows} x {SyntheticRows.Columns}");
        return
        [
            Figure($"{name}: predicted by a job", settings.LogRows / logged.Seconds, "1/s"),
            Figure($"{name}: outcomes by a job", settings.LogRows / labelled.Seconds, "1/s"),
            .. await RetrainAsync(name, settings.LogRows, dataset: null),
        ];
    }

    private async Task<IReadOnlyList<BenchResult>> RetrainAsync(string name, int rows, string? dataset)
    {
        var of = dataset is null ? "" : $"\"dataset\":\"{dataset}\",";
        var job = await client.RunAsync($$$"""{"kind":"retrain","model":"clicks",{{{of}}}"params":{"threads":{{{settings.Threads}}}}}""", measuresMemory: true);
        if (job.Result.GetProperty("rows").GetInt32() != rows || job.Result.GetProperty("version").ValueKind == JsonValueKind.Null)
            throw new InvalidOperationException($"{rows} rows were to be learned from, and the result is {job.Result}");
        Console.Error.WriteLine($"{name}: version {job.Result.GetProperty("version")} is {job.Result.GetProperty("decision")}: {job.Result.GetProperty("reason")}; warnings {job.Result.GetProperty("warnings")}");
        var seconds = job.Result.GetProperty("seconds");
        var results = new List<BenchResult>();
        foreach (var step in s_steps)
        {
            // The baseline of a step is the whole: its ratio is its share.
            if (seconds.TryGetProperty(step, out var took))
                results.Add(new BenchResult($"{name}: {step}", took.GetDouble(), "s", job.Seconds, took.GetDouble() / job.Seconds, Silo.EngineInfo.Name));
        }

        results.Add(Figure($"{name}: whole", job.Seconds, "s"));
        results.Add(Figure($"{name}: rows to a version", rows / job.Seconds, "1/s"));
        if (job.TrainerBytes > 0)
            results.Add(Figure($"{name}: peak memory of the training", job.TrainerBytes / 1048576.0, "MiB"));
        results.Add(Figure($"{name}: peak memory of the server", server.PeakMemoryBytes / 1048576.0, "MiB"));
        return results;
    }

    private static BenchResult Figure(string name, double value, string unit) => new(name, value, unit, null, null, Silo.EngineInfo.Name);
}
