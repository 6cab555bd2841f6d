using System.Globalization;
using OrleansMl.Benchmarks.Infer;

namespace OrleansMl.Benchmarks.Retrain;

/// <summary>
/// Predictions in a closed loop, in turns on a server that does nothing else and on one that retrains: each whole retraining is a
/// window, and each of its steps one within. The load goes in slices, which count for a step where it was the same at both ends.
/// </summary>
internal sealed class BesidePart(RetrainSettings settings, RetrainClient client, ChildServer server, string folder)
{
    /// <summary>The key of all slices of a retraining together.</summary>
    private const string Whole = "retraining";

    /// <summary>Answers below which the slowest hundredth says nothing.</summary>
    private const int Fewest = 300;

    private static readonly TimeSpan s_slice = TimeSpan.FromMilliseconds(100);

    private volatile string? _step;

    public async Task<IReadOnlyList<BenchResult>> RunAsync()
    {
        var file = Path.Combine(folder, "beside.csv");
        SyntheticRows.WriteCsv(file, RetrainClient.Truth, entities: 0, settings.BesideRows, seed: 1);
        var dataset = await client.UploadAsync(file);
        File.Delete(file);
        using var load = new LoadClient(server.Address, HttpConnection.Post(server.Address, RetrainClient.PredictPath, RetrainClient.Vector()), settings.Connections);
        var pairs = new List<(LoadWindow Idle, Dictionary<string, LoadWindow> Steps)>();
        for (var i = -1; i < settings.Pairs; i++)
        {
            var idle = await Task.Run(() => Idle(load));
            var steps = await RetrainAsync(load, dataset, seed: i + 2);
            Console.Error.WriteLine($"{(i < 0 ? "warm-up" : $"pair {i + 1}/{settings.Pairs}")}: idle {idle}{string.Concat(steps.Select(step => $" | {step.Key} {step.Value}"))}");
            if (i >= 0)
                pairs.Add((idle, steps));
        }

        var name = string.Create(CultureInfo.InvariantCulture, $"predictions beside a retraining of {settings.BesideRows} x {SyntheticRows.Columns}");
        return [.. pairs[0].Steps.Keys.Where(step => pairs.All(pair => pair.Steps.TryGetValue(step, out var window) && window.Answered >= Fewest)).SelectMany(Rows)];

        IEnumerable<BenchResult> Rows(string step) =>
        [
            Row($"{step} requests", "1/s", window => window.Rate),
            Row($"{step} p50", "us", window => window.Quantile(0.5)),
            Row($"{step} p99", "us", window => window.Quantile(0.99)),
        ];

        BenchResult Row(string what, string unit, Func<LoadWindow, double> figure)
        {
            var step = what[..what.IndexOf(' ', StringComparison.Ordinal)];
            return new BenchResult(
                $"{name}: {what}", Figures.Median(pairs.Select(pair => figure(pair.Steps[step]))), unit, Figures.Median(pairs.Select(pair => figure(pair.Idle))),
                Figures.Median(pairs.Select(pair => figure(pair.Steps[step]) / figure(pair.Idle))), Silo.EngineInfo.Name);
        }
    }

    /// <summary>In the same slices.</summary>
    private LoadWindow Idle(LoadClient load)
    {
        var window = new LoadWindow();
        while (window.Elapsed < settings.Window)
            window.Add(load.Closed(s_slice).Demand());
        return window;
    }

    /// <summary>Retrains, and serves meanwhile. The champion stays: another model would answer in another time.</summary>
    private async Task<Dictionary<string, LoadWindow>> RetrainAsync(LoadClient load, string dataset, int seed)
    {
        _step = null;
        var job = client.RunAsync(
            $$$"""{"kind":"retrain","model":"clicks","dataset":"{{{dataset}}}","seed":{{{seed}}},"params":{"promote":"register","threads":{{{settings.Threads}}}}}""", step => _step = step);
        var steps = new Dictionary<string, LoadWindow> { [Whole] = new() };
        await Task.Run(() =>
        {
            while (!job.IsCompleted)
            {
                var before = _step;
                var slice = load.Closed(s_slice).Demand();
                steps[Whole].Add(slice);
                if (before is null || before != _step)
                    continue;
                if (!steps.TryGetValue(before, out var window))
                    steps[before] = window = new LoadWindow();
                window.Add(slice);
            }
        });
        await job;
        return steps;
    }
}
