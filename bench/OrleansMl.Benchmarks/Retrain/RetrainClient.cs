using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OrleansMl.Benchmarks.Retrain;

/// <summary>A model of twenty numbers that only retrainings make versions of, and the jobs of its server.</summary>
internal sealed class RetrainClient(Uri server) : IDisposable
{
    public const string Truth = "clicked";
    public const string PredictPath = "/api/v1/models/clicks/predict";

    /// <summary>How often a job is looked at; its server says as often what it does.</summary>
    private static readonly TimeSpan s_every = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan s_patience = TimeSpan.FromHours(2);

    private readonly HttpClient _http = new() { BaseAddress = server, Timeout = TimeSpan.FromMinutes(30) };

    public static string Configuration => $$$"""{"Storage": {"Durability": "Power"}, "Jobs": {"ReportEvery": "{{{s_every:c}}}"}}""";

    public static string Application(string trainer) => $$"""
        apiVersion: orleansml/v1
        kind: Application
        name: bench-retrain
        clock: wall
        entities: [{name: client}]
        models:
          - name: clicks
            entity: client
            inputs: {{{string.Join(", ", Enumerable.Range(0, SyntheticRows.Columns).Select(column => string.Create(CultureInfo.InvariantCulture, $"x{column}: {{type: float}}")))}}}
            target: {name: {{Truth}}, type: binary, window: 7d}
            trainer: {{trainer}}
        """;

    /// <summary>A body of <see cref="PredictPath"/>.</summary>
    public static byte[] Vector()
    {
        var x = new double[SyntheticRows.Columns];
        SyntheticRows.Next(new Random(3), x);
        var inputs = string.Join(',', x.Select((value, column) => string.Create(CultureInfo.InvariantCulture, $"\"x{column}\":{(float)value}")));
        return Encoding.UTF8.GetBytes($$$"""{"entity":{"type":"client","id":"c1"},"inputs":{{{{inputs}}}}}""");
    }

    /// <summary>Sends a CSV file; the id of the data set.</summary>
    public async Task<string> UploadAsync(string file)
    {
        using var content = new StreamContent(File.OpenRead(file), 1 << 20);
        content.Headers.ContentType = new("text/csv");
        var job = await PostAsync("api/v1/datasets", content);
        return job.GetProperty("result").GetProperty("dataset").GetString()!;
    }

    /// <summary>Makes a job and waits until it has succeeded.</summary>
    /// <param name="body">As JSON.</param>
    /// <param name="step">Told what it does, whenever it was asked; null: nobody is.</param>
    /// <param name="measuresMemory">Looks at the memory of its program meanwhile.</param>
    public async Task<EndedJob> RunAsync(string body, Action<string?>? step = null, bool measuresMemory = false)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        var job = await PostAsync("api/v1/jobs", content);
        var id = job.GetProperty("id").GetString()!;
        var memory = new TrainerMemory(id);
        for (var start = Stopwatch.GetTimestamp(); job.GetProperty("state").GetString() is "queued" or "running";)
        {
            if (Stopwatch.GetElapsedTime(start) > s_patience)
                throw new TimeoutException($"Job {id} has not ended after {s_patience.TotalHours} h: {job}");
            await Task.Delay(s_every);
            if (measuresMemory)
                memory.Look();
            job = await ReadAsync(await _http.GetAsync("api/v1/jobs/" + id));
            step?.Invoke(job.GetProperty("step").GetString());
        }

        if (job.GetProperty("state").GetString() != "succeeded")
            throw new InvalidOperationException($"Job {id} is {job.GetProperty("state")}: {job.GetProperty("error")}");
        return new EndedJob(job, memory.PeakBytes);
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> PostAsync(string path, HttpContent content) => await ReadAsync(await _http.PostAsync(path, content));

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync();
            if (!response.IsSuccessStatusCode)
                throw new InvalidOperationException($"{response.RequestMessage?.RequestUri?.AbsolutePath} answered {(int)response.StatusCode}: {text}");
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
    }
}
