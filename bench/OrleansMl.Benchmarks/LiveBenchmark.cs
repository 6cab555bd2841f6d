using System.Diagnostics;
using System.Globalization;

namespace OrleansMl.Benchmarks;

/// <summary>
/// A live model over HTTP: how long after an outcome was accepted an answer carries it, at a modest rate; and what predictions
/// cost while the learner learns, against the same model under the same load with the learner paused, in turn.
/// </summary>
internal static class LiveBenchmark
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var rounds = Figures.Option(arguments, "--rounds", 300, 100_000);
        var rate = Figures.Option(arguments, "--rate", 10, 1000);
        var pairs = Figures.Option(arguments, "--pairs", 5, 100);
        var seconds = Figures.Option(arguments, "--seconds", 3, 600);
        var connections = Figures.Option(arguments, "--connections", 4, 64);
        var outcomes = Figures.Option(arguments, "--outcomes", 200, 100_000);
        var folder = Directory.CreateTempSubdirectory("oml-bench-");
        try
        {
            var application = Path.Combine(folder.FullName, "application.yaml");
            var configuration = Path.Combine(folder.FullName, "configuration.json");
            await File.WriteAllTextAsync(application, LiveClient.Application);
            await File.WriteAllTextAsync(configuration, """{"Storage": {"Durability": "Power"}}""");
            await using var server = await ChildServer.StartAsync("serve-app", application, configuration, Path.Combine(folder.FullName, "data"));
            using var client = new LiveClient(server.Address, connections + 4);
            await client.BootstrapAsync();

            var fresh = (await FreshnessAsync(client, rounds, TimeSpan.FromSeconds(1.0 / rate))).Order().ToArray();
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"freshness over {rounds} rounds: p50 {fresh[rounds / 2]:F1} ms, p99 {fresh[(int)(rounds * 0.99)]:F1} ms, longest {fresh[^1]:F1} ms"));

            var (learning, paused) = (new List<Window>(), new List<Window>());
            for (var i = -1; i < pairs; i++)
            {
                await client.CommandAsync("pause");
                var still = await LoadAsync(client, connections, outcomes, TimeSpan.FromSeconds(seconds));
                await client.CommandAsync("resume");

                // What waited while it was paused is no load of the window that follows.
                await client.CaughtUpAsync();
                var before = await client.RevisionAsync();
                var moving = await LoadAsync(client, connections, outcomes, TimeSpan.FromSeconds(seconds));
                var learned = await client.RevisionAsync() - before;
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(i < 0 ? "warm-up" : $"pair {i + 1}/{pairs}")}: learning {moving.Rate:F0}/s p99 {moving.P99:F2} ms ({learned} updates), paused {still.Rate:F0}/s p99 {still.P99:F2} ms"));
                if (i < 0)
                    continue;
                learning.Add(moving);
                paused.Add(still);
            }

            var engine = Silo.EngineInfo.Name;
            BenchResult[] results =
            [
                new("outcome accepted to answer p50", fresh[rounds / 2], "ms", null, null, engine),
                new("outcome accepted to answer p99", fresh[(int)(rounds * 0.99)], "ms", null, null, engine),
                Row("predictions while learning", "1/s", w => w.Rate),
                Row("prediction p99 while learning", "ms", w => w.P99),
            ];
            foreach (var r in results)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{r.Name,-32} {r.Value,10:F2} {r.Unit,-4} {(r.Baseline is { } b ? $"paused {b,10:F2}  ratio {r.Ratio:F3}  " : "")}({r.Engine})"));
            Console.WriteLine(BenchResults.Write("live", results));
            return 0;

            BenchResult Row(string name, string unit, Func<Window, double> figure) => new(
                name, Figures.Median(learning.Select(figure)), unit, Figures.Median(paused.Select(figure)), Figures.Median(learning.Zip(paused, (a, b) => figure(a) / figure(b))), engine);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Round after round, one outcome each: from its acknowledgement to the first answer of a higher revision, in milliseconds.</summary>
    private static async Task<List<double>> FreshnessAsync(LiveClient client, int rounds, TimeSpan period)
    {
        var measured = new List<double>(rounds);
        using var timer = new PeriodicTimer(period);
        for (var i = 0; i < rounds; i++)
        {
            await timer.WaitForNextTickAsync();
            var (id, revision) = await client.PredictAsync(i);
            await client.LabelAsync([(id, i % 3 == 0)]);
            var accepted = Stopwatch.GetTimestamp();
            while ((await client.PredictAsync(i)).Revision <= revision)
            {
                if (Stopwatch.GetElapsedTime(accepted) > TimeSpan.FromSeconds(30))
                    throw new InvalidOperationException($"After 30 s no answer carries the outcome of round {i}; it stands at revision {revision}.");
            }

            measured.Add(Stopwatch.GetElapsedTime(accepted).TotalMilliseconds);
        }

        return measured;
    }

    /// <summary>Predictions in a closed loop, and beside them outcomes at a steady rate, of predictions of the same loop.</summary>
    private static async Task<Window> LoadAsync(LiveClient client, int connections, int outcomesPerSecond, TimeSpan duration)
    {
        var clock = Stopwatch.StartNew();
        var asked = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var labelling = Task.Run(async () =>
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            for (var sent = 0; clock.Elapsed < duration && await timer.WaitForNextTickAsync();)
            {
                var due = (int)(outcomesPerSecond * clock.Elapsed.TotalSeconds) - sent;
                var labels = new List<(string, bool)>();
                while (labels.Count < due && asked.TryDequeue(out var id))
                    labels.Add((id, (sent + labels.Count) % 3 == 0));
                if (labels.Count > 0)
                    await client.LabelAsync(labels);
                sent += labels.Count;
            }
        });
        var latencies = await Task.WhenAll(Enumerable.Range(0, connections).Select(connection => Task.Run(async () =>
        {
            var mine = new List<double>();
            for (var i = connection; clock.Elapsed < duration; i += connections)
            {
                var start = Stopwatch.GetTimestamp();
                asked.Enqueue((await client.PredictAsync(i)).Id);
                mine.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            return mine;
        })));
        var rate = latencies.Sum(l => l.Count) / clock.Elapsed.TotalSeconds;
        await labelling;
        var all = latencies.SelectMany(l => l).Order().ToArray();
        return new Window(rate, all[(int)(all.Length * 0.99)]);
    }

    private sealed record Window(double Rate, double P99);
}
