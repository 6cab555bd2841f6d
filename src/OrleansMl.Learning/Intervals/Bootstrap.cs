namespace OrleansMl.Learning;

/// <summary>
/// Percentile intervals of any figure by resampling rows (Efron 1979), in blocks where neighbouring rows depend on each
/// other (moving blocks, Künsch 1989). Deterministic under a seed.
/// </summary>
public static class Bootstrap
{
    public const int DefaultReplicates = 1000;

    /// <param name="rows">n ≥ 1.</param>
    /// <param name="statistic">The figure of the rows whose indices it is given (n of them, some more than once). NaN leaves a replicate out.</param>
    /// <param name="replicates">≥ 20.</param>
    /// <param name="blockLength">Neighbours drawn together: 1 for independent rows, else about the reach of the dependence; ≤ rows.</param>
    /// <exception cref="ArgumentException">The figure was NaN in more than half of the replicates.</exception>
    public static ConfidenceInterval Interval(int rows, Func<ReadOnlyMemory<int>, double> statistic, long seed, int replicates = DefaultReplicates, double level = ConfidenceInterval.DefaultLevel, int blockLength = 1)
    {
        ArgumentNullException.ThrowIfNull(statistic);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(replicates, 20);
        ArgumentOutOfRangeException.ThrowIfLessThan(blockLength, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(blockLength, rows);
        if (!(level is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(level), level, "A level must be in (0, 1).");
        var random = SplitMix64.For((ulong)seed, (ulong)rows);
        var drawn = Enumerable.Range(0, rows).ToArray();
        var estimate = statistic(drawn);
        var figures = new List<double>(replicates);
        for (var replicate = 0; replicate < replicates; replicate++)
        {
            for (var place = 0; place < rows; place += blockLength)
            {
                var start = random.Next(rows - blockLength + 1);
                for (var step = 0; step < blockLength && place + step < rows; step++)
                    drawn[place + step] = start + step;
            }

            if (statistic(drawn) is var figure && !double.IsNaN(figure))
                figures.Add(figure);
        }

        if (figures.Count < replicates / 2)
            throw new ArgumentException($"The figure is NaN in {replicates - figures.Count} of {replicates} resamples; the {rows} rows are too few or lack a class.", nameof(statistic));
        figures.Sort();
        return new ConfidenceInterval(estimate, Quantile(figures, (1 - level) / 2), Quantile(figures, (1 + level) / 2), level);
    }

    /// <summary>Between order statistics by their weights (the usual type 7).</summary>
    private static double Quantile(List<double> sorted, double probability)
    {
        var place = probability * (sorted.Count - 1);
        var below = (int)place;
        return below + 1 < sorted.Count ? sorted[below] + ((place - below) * (sorted[below + 1] - sorted[below])) : sorted[below];
    }
}
