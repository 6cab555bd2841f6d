using System.Globalization;

namespace OrleansMl.Benchmarks.Infer;

/// <summary>
/// The model server part by part, each against a baseline of the same run: windows in turn on the one and the other, medians
/// over the pairs. Servers run in processes of their own, without an access log; the load generator is this process.
/// </summary>
internal static class InferBenchmark
{
    private static readonly (string Name, Func<InferSettings, Task<IReadOnlyList<BenchResult>>> RunAsync)[] s_parts =
    [
        ("closed", ClosedPart.RunAsync),
        ("open", OpenPart.RunAsync),
        ("overhead", OverheadPart.RunAsync),
        ("binary", BinaryPart.RunAsync),
        ("batching", BatchingPart.RunAsync),
        ("swap", SwapPart.RunAsync),
        ("ensemble", EnsemblePart.RunAsync),
        ("allocations", AllocationsPart.RunAsync),
    ];

    public static async Task<int> RunAsync(string[] arguments)
    {
        var settings = new InferSettings(Figures.Option(arguments, "--pairs", 5, 100), TimeSpan.FromSeconds(Figures.Option(arguments, "--seconds", 2, 60)));
        var at = Array.IndexOf(arguments, "--part");
        var wanted = at < 0 ? null : arguments.ElementAtOrDefault(at + 1) ?? "";
        var parts = s_parts.Where(p => wanted is null || p.Name == wanted).ToArray();
        if (parts.Length == 0)
        {
            Console.Error.WriteLine($"There is no part '{wanted}'; write {string.Join(", ", s_parts.Select(p => p.Name))}, or leave --part out for all.");
            return 2;
        }

        var results = new List<BenchResult>();
        foreach (var part in parts)
            results.AddRange(await part.RunAsync(settings));
        foreach (var r in results)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{r.Name,-75} {r.Value,11:F1} {r.Unit,-4} {(r.Baseline is { } b ? $"baseline {b,11:F1}  ratio {r.Ratio:F3}  " : "")}({r.Engine})"));
        // One part alone does not take the place of the whole.
        Console.WriteLine(BenchResults.Write(wanted is null ? "infer" : $"infer-{wanted}", results));
        return 0;
    }
}
