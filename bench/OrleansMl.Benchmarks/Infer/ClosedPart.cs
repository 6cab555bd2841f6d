namespace OrleansMl.Benchmarks.Infer;

/// <summary>One row as JSON in a closed loop on 1, 8 and 64 connections, against the minimal endpoint.</summary>
internal static class ClosedPart
{
    private static readonly int[] s_connections = [1, 8, 64];

    public static async Task<IReadOnlyList<BenchResult>> RunAsync(InferSettings settings)
    {
        var results = new List<BenchResult>();
        var json = InferModel.Json(InferModel.Row(BenchModel.Inputs));
        await using var servers = await InferServers.StartBothAsync(BenchModel.Create(outputs: 4));
        await servers.CompareAsync(json);
        foreach (var connections in s_connections)
        {
            using var ours = new LoadClient(servers.Oml.Address, HttpConnection.Post(servers.Oml.Address, InferModel.Path, json), connections);
            using var theirs = new LoadClient(servers.Baseline.Address, HttpConnection.Post(servers.Baseline.Address, InferModel.Path, json), connections);
            var windows = await Paired<Served>.RunAsync(
                settings, $"closed, {connections} connections, OrleansMl | baseline", () => Served.By(servers.Oml, () => ours.Closed(settings.Window)), () => Served.By(servers.Baseline, () => theirs.Closed(settings.Window)));
            results.Add(windows.Result($"closed {connections}: requests", "1/s", w => w.Window.Rate));
            results.Add(windows.Result($"closed {connections}: p50", "us", w => w.Window.Quantile(0.5)));
            results.Add(windows.Result($"closed {connections}: p99", "us", w => w.Window.Quantile(0.99)));
            results.Add(windows.Result($"closed {connections}: processor time of the server a request", "us", w => w.Processor));
        }

        return results;
    }
}
