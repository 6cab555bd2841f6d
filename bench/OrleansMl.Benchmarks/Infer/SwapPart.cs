using System.Diagnostics;

namespace OrleansMl.Benchmarks.Infer;

/// <summary>
/// A new version takes the place of the one that serves, while requests come by the clock: windows of a second with a swap in
/// each, against windows without. A second is short enough that one hundredth of its requests is fewer than a swap meets.
/// </summary>
internal static class SwapPart
{
    private const string Config = "max_batch_size: 64\ndynamic_batching { }\nversion_policy { latest { num_versions: 1 } }\n";

    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_lead = TimeSpan.FromSeconds(0.25);

    public static async Task<IReadOnlyList<BenchResult>> RunAsync(InferSettings settings)
    {
        var json = InferModel.Json(InferModel.Row(BenchModel.Inputs));
        await using var servers = await InferServers.StartAsync(BenchModel.Create(outputs: 4), Config);
        var server = servers.Oml.Address;
        InferServers.WarmUp(server, HttpConnection.Post(server, InferModel.Path, json));
        var rate = OpenPart.HalfOfClosed(server, json, settings);
        using var client = new LoadClient(server, HttpConnection.Post(server, InferModel.Path, json), OpenPart.Connections);
        using var control = new HttpClient { BaseAddress = server };
        var version = 1;
        var swaps = await Paired<Swap>.RunAsync(
            settings, $"{rate:F0} requests/s, with a swap | without",
            async () =>
            {
                var swapping = SwapAsync(servers.Models, control, ++version);
                var window = client.Open(rate, s_window, swapping);
                var took = await swapping;
                return window.Last.Contains($"\"model_version\":\"{version}\"", StringComparison.Ordinal)
                    ? new Swap(window, took)
                    : throw new InvalidOperationException($"The last answer is not of version {version}: {window.Last}");
            },
            () => Task.FromResult(new Swap(client.Open(rate, s_window), TimeSpan.Zero)));
        var engine = Silo.EngineInfo.Name;
        return
        [
            new BenchResult("swap: failed requests", swaps.Sum(s => s.Window.Failed), "", null, null, engine),
            swaps.Result("swap: p99, against none", "us", s => s.Window.Quantile(0.99)),
            swaps.Result("swap: p99.9, against none", "us", s => s.Window.Quantile(0.999)),
            swaps.Result("swap: from the call to its answer", "ms", s => s.Took.TotalMilliseconds) with { Baseline = null, Ratio = null },
        ];
    }

    private static Task<TimeSpan> SwapAsync(string models, HttpClient control, int version) => Task.Run(async () =>
    {
        await Task.Delay(s_lead);
        InferModel.Write(models, BenchModel.Create(outputs: 4, seed: version), version);
        var start = Stopwatch.GetTimestamp();
        using var response = await control.PostAsync($"v2/repository/models/{InferModel.Name}/load", null);
        var took = Stopwatch.GetElapsedTime(start);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"Version {version} was not loaded: {await response.Content.ReadAsStringAsync()}");
        // Requests that come after it meet the new version.
        await Task.Delay(s_lead);
        return took;
    });

    private sealed record Swap(LoadWindow Window, TimeSpan Took)
    {
        public override string ToString() => $"{Window} {Window.Failed} failed{(Took > TimeSpan.Zero ? FormattableString.Invariant($" swap {Took.TotalMilliseconds:F0} ms") : "")}";
    }
}
