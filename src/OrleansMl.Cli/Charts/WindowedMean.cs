namespace OrleansMl.Cli.Charts;

/// <summary>A moving mean of a series, thinned out for drawing.</summary>
internal static class WindowedMean
{
    /// <summary>The window for a series: 1,000 rows, or a fifth of a short one.</summary>
    public static int LengthFor(int count) => Math.Clamp(count / 5, 1, 1000);

    /// <summary>Means over the last <paramref name="window"/> values, from the first full window on.</summary>
    /// <param name="values">The series.</param>
    /// <param name="window">Length of the window, at least 1.</param>
    /// <param name="most">At most so many points, evenly spaced; the last is always there.</param>
    /// <returns>Index of the window's last value, and the mean.</returns>
    public static List<(int Index, double Mean)> Of(IReadOnlyList<double> values, int window, int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        var points = new List<(int, double)>();
        if (values.Count < window)
            return points;
        var step = Math.Max(1, (int)Math.Ceiling((values.Count - window + 1) / (double)most));
        var sum = 0.0;
        for (var index = 0; index < values.Count; index++)
        {
            sum += values[index];
            if (index >= window)
                sum -= values[index - window];
            if (index >= window - 1 && ((values.Count - 1 - index) % step == 0))
                points.Add((index, sum / window));
        }

        return points;
    }
}
