using System.Globalization;
using System.Text.Json;

namespace OrleansMl.Benchmarks.Infer;

/// <summary>What a server has counted of itself: requests, and microseconds of them all.</summary>
/// <param name="Requests">Answered.</param>
/// <param name="Request">From the first byte of the request to the end of its answer, in the server.</param>
/// <param name="Infer">In the runtime.</param>
/// <param name="Queue">Between arrival and start.</param>
/// <param name="Tensors">Handing tensors to the runtime and reading its own.</param>
/// <param name="Allocated">Bytes, on the managed heap.</param>
internal sealed record ServerFigures(double Requests, double Request, double Infer, double Queue, double Tensors, double Allocated)
{
    private const string Duration = "oml_http_request_duration_seconds";

    /// <summary>Microseconds of a request outside the runtime.</summary>
    public double Overhead => (Request - Infer) / Requests;

    public double AllocatedEach => Allocated / Requests;

    /// <summary>What the model server counted under a route.</summary>
    public static async Task<ServerFigures> OfOmlAsync(HttpClient client, string route)
    {
        using var stats = JsonDocument.Parse(await client.GetStringAsync($"v2/models/{InferModel.Name}/stats"));
        var times = stats.RootElement.GetProperty("model_stats")[0].GetProperty("inference_stats");
        var metrics = (await client.GetStringAsync("metrics")).Split('\n');
        return new ServerFigures(
            Metric($"{Duration}_count{{", $"route=\"{route}\""), 1e6 * Metric($"{Duration}_sum{{", $"route=\"{route}\""), Phase("compute_infer"), Phase("queue"), Phase("compute_input") + Phase("compute_output"),
            Metric("dotnet_gc_heap_total_allocated", ""));

        double Phase(string name) => double.Parse(times.GetProperty(name).GetProperty("ns").ToString(), CultureInfo.InvariantCulture) / 1000;

        // Not there before the first measurement.
        double Metric(string name, string label) => metrics.Where(l => l.StartsWith(name, StringComparison.Ordinal) && l.Contains(label, StringComparison.Ordinal))
            .Select(l => double.Parse(l[(l.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)).FirstOrDefault();
    }

    /// <summary>What the minimal endpoint counted.</summary>
    public static async Task<ServerFigures> OfBaselineAsync(HttpClient client)
    {
        var figures = (await client.GetStringAsync("stats")).Split(' ').Select(f => double.Parse(f, CultureInfo.InvariantCulture)).ToArray();
        return new ServerFigures(figures[0], figures[1], figures[2], 0, 0, figures[3]);
    }

    /// <summary>What came since.</summary>
    public ServerFigures Since(ServerFigures before) => new(
        Requests - before.Requests, Request - before.Request, Infer - before.Infer, Queue - before.Queue, Tensors - before.Tensors, Allocated - before.Allocated);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Overhead:F1} µs (request {Request / Requests:F1}, runtime {Infer / Requests:F1}, queue {Queue / Requests:F1}, tensors {Tensors / Requests:F1}), {AllocatedEach:F0} bytes");
}
