using System.Globalization;

namespace OrleansMl.Benchmarks;

/// <summary>
/// Events over HTTP until they are durable and visible, against <see cref="BareIngest"/> on the same lines with the same
/// durability: windows of equal work in turn on the one and the other, medians over the windows. Then, at half of the
/// server's rate, how long after its turn an event is seen. In the end every event must be counted once.
/// </summary>
internal static class IngestBenchmark
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var pairs = Figures.Option(arguments, "--pairs", 5, 100);
        var batches = Math.Max(1, Figures.Option(arguments, "--events", 50_000, 1_000_000) / IngestLoad.BatchLines);
        var connections = Figures.Option(arguments, "--connections", 4, 64);
        var seconds = Figures.Option(arguments, "--seconds", 15, 600);
        var isPower = !arguments.Contains("process");
        var folder = Directory.CreateTempSubdirectory("oml-bench-");
        try
        {
            var application = Path.Combine(folder.FullName, "application.yaml");
            var configuration = Path.Combine(folder.FullName, "configuration.json");
            await File.WriteAllTextAsync(application, IngestLoad.Application);
            await File.WriteAllTextAsync(configuration, $$$"""{"Storage": {"Durability": "{{{(isPower ? "Power" : "Process")}}}"}}""");
            await using var server = await ChildServer.StartAsync("serve-app", application, configuration, Path.Combine(folder.FullName, "data"));
            using var bare = new BareIngest(Path.Combine(folder.FullName, "bare.db"), isPower ? "FULL" : "NORMAL");
            using var client = new IngestClient(server, connections);
            Console.Error.WriteLine($"durability {(isPower ? "power (a sync for each commit)" : "process")}, {connections} connections, batches of {IngestLoad.BatchLines} lines, {IngestLoad.Entities} entities");

            var load = new IngestLoad();
            var (ours, theirs) = (new List<IngestWindow>(), new List<IngestWindow>());
            for (var i = -1; i < pairs; i++)
            {
                // Made before the clock runs; the first pair warms up and meets every entity for the first time.
                IngestLoad.Batch[] window = [.. Enumerable.Range(0, batches).Select(_ => load.Next(DateTime.UtcNow))];
                var (theirWindow, ourWindow) = (bare.Run(window), await client.PostAllAsync(window));
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(i < 0 ? "warm-up" : $"pair {i + 1}/{pairs}")}: OrleansMl {ourWindow.Rate:F0}/s {ourWindow.MicrosecondsPerEvent:F1} µs CPU, bare loop {theirWindow.Rate:F0}/s {theirWindow.MicrosecondsPerEvent:F1} µs CPU"));
                if (i < 0)
                    continue;
                ours.Add(ourWindow);
                theirs.Add(theirWindow);
            }

            var (rate, bareRate) = (Figures.Median(ours.Select(w => w.Rate)), Figures.Median(theirs.Select(w => w.Rate)));
            using var reader = new IngestClient(server, 16 * connections);
            var fresh = (await reader.MeasureFreshnessAsync(load, rate / 2, TimeSpan.FromSeconds(seconds))).Order().ToArray();
            var counted = await client.VerifyAsync(load);
            if (counted != load.Count)
                throw new InvalidOperationException($"{load.Count} events were accepted, and {counted} are counted.");
            Console.Error.WriteLine($"{counted} events, each counted once");

            var engine = Silo.EngineInfo.Name;
            var (cpu, bareCpu) = (Figures.Median(ours.Select(w => w.MicrosecondsPerEvent)), Figures.Median(theirs.Select(w => w.MicrosecondsPerEvent)));
            BenchResult[] results =
            [
                new("events", rate, "1/s", bareRate, Figures.Median(ours.Zip(theirs, (a, b) => a.Rate / b.Rate)), engine),
                new("processor time per event", cpu, "us", bareCpu, Figures.Median(ours.Zip(theirs, (a, b) => a.MicrosecondsPerEvent / b.MicrosecondsPerEvent)), engine),
                new("freshness p50", fresh[fresh.Length / 2], "ms", null, null, engine),
                new("freshness p99", fresh[(int)(fresh.Length * 0.99)], "ms", null, null, engine),
            ];
            foreach (var r in results)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{r.Name,-26} {r.Value,10:F1} {r.Unit,-4} {(r.Baseline is { } b ? $"baseline {b,10:F1}  ratio {r.Ratio:F3}  " : "")}({r.Engine})"));
            Console.WriteLine(BenchResults.Write("ingest", results));
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
