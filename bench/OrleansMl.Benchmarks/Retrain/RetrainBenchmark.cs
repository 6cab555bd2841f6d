using System.Globalization;

namespace OrleansMl.Benchmarks.Retrain;

/// <summary>
/// Retrainings over HTTP, on a server in a process of its own: how long from rows to a registered version, step by step, of a data
/// set and of the log; and what predictions cost beside one.
/// </summary>
internal static class RetrainBenchmark
{
    private static readonly string[] s_parts = ["data", "log", "beside"];

    public static async Task<int> RunAsync(string[] arguments)
    {
        var settings = RetrainSettings.Read(arguments);
        var wanted = Figures.Text(arguments, "--part");
        if (wanted is not null && !s_parts.Contains(wanted))
        {
            Console.Error.WriteLine($"There is no part '{wanted}'; write {string.Join(", ", s_parts)}, or leave --part out for all.");
            return 2;
        }

        var folder = Directory.CreateTempSubdirectory("oml-bench-");
        try
        {
            var application = Path.Combine(folder.FullName, "application.yaml");
            var configuration = Path.Combine(folder.FullName, "configuration.json");
            await File.WriteAllTextAsync(application, RetrainClient.Application(settings.Trainer));
            await File.WriteAllTextAsync(configuration, RetrainClient.Configuration);
            await using var server = await ChildServer.StartAsync("serve-app", application, configuration, Path.Combine(folder.FullName, "data"));
            using var client = new RetrainClient(server.Address);
            Console.Error.WriteLine($"trainer {settings.Trainer}, {settings.Threads} threads, durability power");

            // Always first: a model without a version neither answers nor logs.
            var path = new PathPart(settings, client, server, folder.FullName);
            var results = new List<BenchResult>(await path.DataAsync());
            if (wanted is null or "log")
                results.AddRange(await path.LogAsync());
            if (wanted is null or "beside")
                results.AddRange(await new BesidePart(settings, client, server, folder.FullName).RunAsync());
            foreach (var r in results)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{r.Name,-75} {r.Value,11:F2} {r.Unit,-4} {(r.Baseline is { } b ? $"baseline {b,11:F2}  ratio {r.Ratio:F3}  " : "")}({r.Engine})"));

            // One part alone does not take the place of the whole.
            Console.WriteLine(BenchResults.Write(wanted is null ? "retrain" : $"retrain-{wanted}", results));
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
