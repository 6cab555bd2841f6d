using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace OrleansMl.Benchmarks;

/// <summary>
/// One row through <c>/v2</c> against the baseline: a closed loop of a few connections, short windows in turn on the one
/// and the other, so that what else the machine does meets both. Medians over the windows.
/// </summary>
internal static class PredictBenchmark
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var pairs = Figures.Option(arguments, "--pairs", 7, 1000);
        var seconds = Figures.Option(arguments, "--seconds", 2, 1000);
        var connections = Figures.Option(arguments, "--connections", 4, 1000);
        var folder = Directory.CreateTempSubdirectory("oml-bench-");
        try
        {
            var models = Directory.CreateDirectory(Path.Combine(folder.FullName, "models"));
            var file = Path.Combine(models.FullName, "bench.onnx");
            await File.WriteAllBytesAsync(file, BenchModel.Create());
            await using var baseline = await ChildServer.StartAsync("serve-baseline", file);
            await using var oml = await ChildServer.StartAsync("serve-oml", models.FullName, Path.Combine(folder.FullName, "data"));

            await LoadAsync(baseline.Address, connections, TimeSpan.FromSeconds(2));
            await LoadAsync(oml.Address, connections, TimeSpan.FromSeconds(2));
            var (ours, theirs) = (new List<Window>(), new List<Window>());
            for (var i = 0; i < pairs; i++)
            {
                theirs.Add(await LoadAsync(baseline.Address, connections, TimeSpan.FromSeconds(seconds)));
                ours.Add(await LoadAsync(oml.Address, connections, TimeSpan.FromSeconds(seconds)));
                Console.Error.WriteLine(FormattableString.Invariant($"pair {i + 1}/{pairs}: OrleansMl {ours[^1].Rate:F0}/s p50 {ours[^1].P50:F0} µs p99 {ours[^1].P99:F0} µs, baseline {theirs[^1].Rate:F0}/s p50 {theirs[^1].P50:F0} µs p99 {theirs[^1].P99:F0} µs"));
            }

            var engine = Silo.EngineInfo.Name;
            BenchResult[] results =
            [
                Row("requests", "1/s", w => w.Rate),
                Row("latency p50", "us", w => w.P50),
                Row("latency p99", "us", w => w.P99),
            ];
            foreach (var r in results)
                Console.WriteLine(FormattableString.Invariant($"{r.Name,-12} {r.Value,10:F1} {r.Unit,-4} baseline {r.Baseline,10:F1}  ratio {r.Ratio:F3}  ({r.Engine})"));
            Console.WriteLine(BenchResults.Write("predict", results));
            return 0;

            BenchResult Row(string name, string unit, Func<Window, double> figure)
            {
                var (a, b) = (Figures.Median(ours.Select(figure)), Figures.Median(theirs.Select(figure)));
                return new BenchResult(name, a, unit, b, a / b, engine);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Window> LoadAsync(Uri server, int connections, TimeSpan duration)
    {
        var body = Encoding.UTF8.GetBytes("{\"inputs\":[{\"name\":\"x\",\"shape\":[1,16],\"datatype\":\"FP32\",\"data\":[" +
            string.Join(',', Enumerable.Range(0, BenchModel.Inputs).Select(i => (i / 16.0).ToString(CultureInfo.InvariantCulture))) + "]}]}");
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = connections }) { BaseAddress = server };
        var clock = Stopwatch.StartNew();
        var latencies = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(async () =>
        {
            var mine = new List<double>();
            while (clock.Elapsed < duration)
            {
                var start = Stopwatch.GetTimestamp();
                using var content = new ByteArrayContent(body);
                content.Headers.ContentType = new("application/json");
                using var response = await client.PostAsync("v2/models/bench/infer", content);
                response.EnsureSuccessStatusCode();
                await response.Content.ReadAsByteArrayAsync();
                mine.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            }

            return mine;
        })));
        var all = latencies.SelectMany(l => l).Order().ToArray();
        return new Window(all.Length / clock.Elapsed.TotalSeconds, all[all.Length / 2], all[(int)(all.Length * 0.99)]);
    }

    private sealed record Window(double Rate, double P50, double P99);
}
