using System.Text;
using System.Text.Json;

namespace OrleansMl.Benchmarks;

/// <summary>A live model of ten inputs, two of them texts, and its callers.</summary>
internal sealed class LiveClient(Uri server, int connections) : IDisposable
{
    public const string Application = """
        apiVersion: orleansml/v1
        kind: Application
        name: bench-live
        clock: wall
        entities: [{name: caller}]
        models:
          - name: live
            entity: caller
            inputs:
              a: {type: float}
              b: {type: float}
              c: {type: float}
              d: {type: float}
              e: {type: float}
              f: {type: float}
              g: {type: float}
              h: {type: float}
              item: {type: string}
              place: {type: string}
            pipeline:
              - standard_scale: {columns: numeric}
              - hash: {columns: categorical, bits: 18}
            target: {name: clicked, type: binary, window: 1d}
            learner: {type: factorization_machine, seed: 1, serve: live, bootstrap: {outcomes: 500}}
        """;

    private const int Bootstrap = 500;

    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = connections }) { BaseAddress = server };
    private int _next;

    /// <summary>One prediction: its id, and the revision that answered; 0: none did.</summary>
    public async Task<(string Id, long Revision)> PredictAsync(int seed)
    {
        using var answer = await PostAsync("api/v1/models/live/predict", Vector(seed), "application/json");
        var root = answer.RootElement;
        return (root.GetProperty("predictionId").GetString()!, root.TryGetProperty("revision", out var revision) ? revision.GetInt64() : 0);
    }

    public async Task LabelAsync(IReadOnlyCollection<(string Prediction, bool Clicked)> labels)
    {
        var lines = labels.Select(l => $$"""{"id":"o{{Interlocked.Increment(ref _next)}}","predictionId":"{{l.Prediction}}","value":{{(l.Clicked ? 1 : 0)}}}""");
        using var answer = await PostAsync("api/v1/outcomes", string.Join('\n', lines), "application/x-ndjson");
        var accepted = answer.RootElement.GetProperty("accepted").GetInt32();
        if (accepted != labels.Count)
            throw new InvalidOperationException($"{labels.Count} outcomes were sent and {accepted} accepted: {answer.RootElement}");
    }

    /// <summary>Labels as many predictions as the bootstrap needs, and waits for the first live answer.</summary>
    public async Task BootstrapAsync()
    {
        for (var at = 0; at < Bootstrap; at += 50)
        {
            var asked = await Task.WhenAll(Enumerable.Range(at, 50).Select(PredictAsync));
            await LabelAsync([.. asked.Select((a, i) => (a.Id, i % 3 == 0))]);
        }

        while ((await PredictAsync(0)).Revision == 0)
            await Task.Delay(20);
    }

    public async Task CommandAsync(string command)
    {
        using var answer = await PostAsync("api/v1/models/live/learner/" + command, "", null);
    }

    /// <summary>Updates of the learner.</summary>
    public async Task<long> RevisionAsync()
    {
        using var answer = JsonDocument.Parse(await _http.GetStringAsync("api/v1/models/live/learner"));
        return answer.RootElement.GetProperty("revision").GetInt64();
    }

    /// <summary>Waits until every outcome that was accepted is learned and answers carry it.</summary>
    public async Task CaughtUpAsync()
    {
        while ((await PredictAsync(0)).Revision < _next)
            await Task.Delay(50);
    }

    public void Dispose() => _http.Dispose();

    private static string Vector(int seed)
    {
        var numbers = string.Join(',', "abcdefgh".Select((name, i) => FormattableString.Invariant($"\"{name}\":{((seed * 31) + (i * 17)) % 100 / 100.0:0.00}")));
        return $$$"""{"entity":{"type":"caller","id":"c{{{seed % 200}}}"},"inputs":{"item":"i{{{seed % 997}}}","place":"p{{{seed % 23}}}",{{{numbers}}}}}""";
    }

    private async Task<JsonDocument> PostAsync(string path, string body, string? type)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        if (type is not null)
            content.Headers.ContentType = new(type);
        using var response = await _http.PostAsync(path, content);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? JsonDocument.Parse(text) : throw new InvalidOperationException($"{path} answered {(int)response.StatusCode}: {text}");
    }
}
