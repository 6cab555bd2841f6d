namespace OrleansMl.Benchmarks.Infer;

/// <summary>A row of 1,000 floats as bytes behind the JSON, against the same row as JSON, both of the model server.</summary>
internal static class BinaryPart
{
    private const int Width = 1000;

    private static readonly int[] s_connections = [1, 8];

    public static async Task<IReadOnlyList<BenchResult>> RunAsync(InferSettings settings)
    {
        var results = new List<BenchResult>();
        var row = InferModel.Row(Width);
        // A small network: the row's way in is what is measured.
        await using var servers = await InferServers.StartAsync(BenchModel.Create(inputs: Width, hidden: 8));
        var server = servers.Oml.Address;
        var json = HttpConnection.Post(server, InferModel.Path, InferModel.Json(row));
        var binary = HttpConnection.Post(server, InferModel.Path, InferModel.Binary("x", [1, Width], row, out var head), head);
        InferServers.WarmUp(server, json);
        InferServers.WarmUp(server, binary);
        foreach (var connections in s_connections)
        {
            using var bytes = new LoadClient(server, binary, connections);
            using var text = new LoadClient(server, json, connections);
            var windows = await Paired<LoadWindow>.RunAsync(
                settings, $"1,000 floats, {connections} connections, binary | JSON", () => bytes.Closed(settings.Window).Demand(), () => text.Closed(settings.Window).Demand());
            results.Add(windows.Result($"binary {connections}: requests, against JSON", "1/s", w => w.Rate));
            results.Add(windows.Result($"binary {connections}: p50, against JSON", "us", w => w.Quantile(0.5)));
        }

        return results;
    }
}
