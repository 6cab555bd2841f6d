namespace OrleansMl.Benchmarks.Infer;

/// <summary>One row as JSON by the clock, at half of the rate that the slower of the two takes in a closed loop on 8 connections.</summary>
internal static class OpenPart
{
    /// <summary>Connections that the requests go out on in turn.</summary>
    public const int Connections = 64;

    public static async Task<IReadOnlyList<BenchResult>> RunAsync(InferSettings settings)
    {
        var json = InferModel.Json(InferModel.Row(BenchModel.Inputs));
        await using var servers = await InferServers.StartBothAsync(BenchModel.Create(outputs: 4));
        await servers.CompareAsync(json);
        var rate = Math.Min(HalfOfClosed(servers.Oml.Address, json, settings), HalfOfClosed(servers.Baseline.Address, json, settings));
        using var ours = new LoadClient(servers.Oml.Address, HttpConnection.Post(servers.Oml.Address, InferModel.Path, json), Connections);
        using var theirs = new LoadClient(servers.Baseline.Address, HttpConnection.Post(servers.Baseline.Address, InferModel.Path, json), Connections);
        var windows = await Paired<LoadWindow>.RunAsync(
            settings, $"open, {rate:F0} requests/s, OrleansMl | baseline", () => ours.Open(rate, settings.Window).Demand(), () => theirs.Open(rate, settings.Window).Demand());
        return
        [
            windows.Result("open: requests", "1/s", w => w.Rate),
            windows.Result("open: p50", "us", w => w.Quantile(0.5)),
            windows.Result("open: p99", "us", w => w.Quantile(0.99)),
            windows.Result("open: p99.9", "us", w => w.Quantile(0.999)),
            windows.Result("open: generator late at worst", "us", w => w.Lateness.TotalMicroseconds),
        ];
    }

    /// <summary>Half of what a server takes in a closed loop on 8 connections, once it is warm.</summary>
    public static double HalfOfClosed(Uri server, byte[] json, InferSettings settings)
    {
        using var client = new LoadClient(server, HttpConnection.Post(server, InferModel.Path, json), 8);
        client.Closed(settings.Window).Demand();
        return client.Closed(settings.Window).Demand().Rate / 2;
    }
}
