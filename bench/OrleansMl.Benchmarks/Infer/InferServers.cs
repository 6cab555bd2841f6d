using System.Text.Json;

namespace OrleansMl.Benchmarks.Infer;

/// <summary>A model server over a model, and where a part wants one the minimal endpoint over the same; in a folder of their own.</summary>
internal sealed class InferServers : IAsyncDisposable
{
    /// <summary>The baseline does not log either.</summary>
    private const string LogsNothing = """{"Logging": {"LogLevel": {"Default": "None", "OrleansMl": "None", "Orleans.Runtime.Silo": "None", "Orleans.Runtime.Watchdog": "None"}}}""";

    // What is compiled again, better, once it is known to be hot, takes seconds to get there.
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(6);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("oml-bench-");
    private ChildServer? _oml;
    private ChildServer? _baseline;

    /// <summary>The models folder of the model server.</summary>
    public string Models => Path.Combine(_folder.FullName, "models");

    public ChildServer Oml => _oml ?? throw new InvalidOperationException("The server was not started.");

    public ChildServer Baseline => _baseline ?? throw new InvalidOperationException("The baseline was not started.");

    /// <summary>Starts the model server.</summary>
    /// <param name="model">The graph.</param>
    /// <param name="config">The model's <c>config.pbtxt</c>; null: none.</param>
    public static Task<InferServers> StartAsync(byte[] model, string? config = null) => StartAsync(models => InferModel.Write(models, model, 1, config));

    /// <summary>Starts the model server over a models folder.</summary>
    /// <param name="fill">Puts models into the folder.</param>
    public static async Task<InferServers> StartAsync(Action<string> fill)
    {
        var servers = new InferServers();
        try
        {
            Directory.CreateDirectory(servers.Models);
            fill(servers.Models);
            var configuration = Path.Combine(servers._folder.FullName, "configuration.json");
            await File.WriteAllTextAsync(configuration, LogsNothing);
            servers._oml = await ChildServer.StartAsync("serve-oml", servers.Models, Path.Combine(servers._folder.FullName, "data"), configuration);
            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts both.</summary>
    /// <param name="model">The graph, with input x and output y.</param>
    /// <param name="isTimed">The baseline counts where its time goes.</param>
    public static async Task<InferServers> StartBothAsync(byte[] model, bool isTimed = false)
    {
        var servers = await StartAsync(model);
        try
        {
            var file = Path.Combine(servers.Models, InferModel.Name, "1", "model.onnx");
            servers._baseline = isTimed ? await ChildServer.StartAsync("serve-baseline", file, "timed") : await ChildServer.StartAsync("serve-baseline", file);
            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends requests until what they run through is compiled for good.</summary>
    public static void WarmUp(Uri server, byte[] request)
    {
        using var client = new LoadClient(server, request, 8);
        client.Closed(s_warmUp).Demand();
    }

    /// <summary>
    /// Warms both up, and throws where they do not answer alike: their speeds would not be comparable.
    /// </summary>
    public async Task CompareAsync(byte[] json)
    {
        WarmUp(Oml.Address, HttpConnection.Post(Oml.Address, InferModel.Path, json));
        WarmUp(Baseline.Address, HttpConnection.Post(Baseline.Address, InferModel.Path, json));
        var (ours, theirs) = (await AskAsync(Oml.Address, json), await AskAsync(Baseline.Address, json));
        if (ours.Length != theirs.Length || ours.Zip(theirs).Any(p => Math.Abs(p.First - p.Second) > 1e-5))
            throw new InvalidOperationException($"The server answers [{string.Join(", ", ours)}], the baseline [{string.Join(", ", theirs)}].");
    }

    public async ValueTask DisposeAsync()
    {
        if (_baseline is not null)
            await _baseline.DisposeAsync();
        if (_oml is not null)
            await _oml.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static async Task<double[]> AskAsync(Uri server, byte[] json)
    {
        using var client = new HttpClient { BaseAddress = server };
        using var content = new ByteArrayContent(json);
        content.Headers.ContentType = new("application/json");
        using var response = await client.PostAsync(InferModel.Path, content);
        var text = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"{server} answers {(int)response.StatusCode}: {text}");
        using var answer = JsonDocument.Parse(text);
        return [.. answer.RootElement.GetProperty("outputs")[0].GetProperty("data").EnumerateArray().Select(e => e.GetDouble())];
    }
}
