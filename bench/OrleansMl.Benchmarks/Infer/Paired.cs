namespace OrleansMl.Benchmarks.Infer;

/// <summary>Windows in turn on two sides, so that what else the machine does meets both; the side that begins changes with each pair.</summary>
/// <param name="windows">Ours and the other's, without the pair that warms up.</param>
internal sealed class Paired<T>(IReadOnlyList<(T Ours, T Theirs)> windows)
    where T : notnull
{
    /// <summary>Measures pairs; a first one that warms both up does not count.</summary>
    public static async Task<Paired<T>> RunAsync(InferSettings settings, string what, Func<Task<T>> ours, Func<Task<T>> theirs)
    {
        var windows = new List<(T, T)>();
        for (var i = -1; i < settings.Pairs; i++)
        {
            T mine, other;
            if (i % 2 == 0)
                (other, mine) = (await theirs(), await ours());
            else
                (mine, other) = (await ours(), await theirs());
            Console.Error.WriteLine($"{what}, {(i < 0 ? "warm-up" : $"pair {i + 1}/{settings.Pairs}")}: {mine} | {other}");
            if (i >= 0)
                windows.Add((mine, other));
        }

        return new Paired<T>(windows);
    }

    public static Task<Paired<T>> RunAsync(InferSettings settings, string what, Func<T> ours, Func<T> theirs)
        => RunAsync(settings, what, () => Task.FromResult(ours()), () => Task.FromResult(theirs()));

    /// <summary>Medians of a figure on both sides, and the median of the pairs' ratios.</summary>
    public BenchResult Result(string name, string unit, Func<T, double> figure) => new(
        name, Figures.Median(windows.Select(w => figure(w.Ours))), unit, Figures.Median(windows.Select(w => figure(w.Theirs))), Figures.Median(windows.Select(w => figure(w.Ours) / figure(w.Theirs))),
        Silo.EngineInfo.Name);

    /// <summary>The sum of a figure over our windows.</summary>
    public double Sum(Func<T, double> figure) => windows.Sum(w => figure(w.Ours));
}
