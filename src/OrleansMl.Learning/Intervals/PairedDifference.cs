using MathNet.Numerics.Distributions;

namespace OrleansMl.Learning;

/// <summary>
/// Two predictors on the same rows, looked at once: the mean difference of their losses with Student's interval (Student 1908). For a
/// comparison that is looked at again and again, see <see cref="PairedComparison"/>.
/// </summary>
public static class PairedDifference
{
    /// <param name="differences">One a row, as independent of each other as the rows are; at least two.</param>
    /// <param name="level">In (0, 1).</param>
    /// <returns>Without a spread, the mean alone.</returns>
    public static ConfidenceInterval Interval(ReadOnlySpan<double> differences, double level = ConfidenceInterval.DefaultLevel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(differences.Length, 2, nameof(differences));
        if (!(level is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(level), level, "A level must be in (0, 1).");

        // Welford's recurrence: a sum of squares would cancel where the mean is large.
        double mean = 0, squares = 0;
        for (var i = 0; i < differences.Length; i++)
        {
            var off = differences[i] - mean;
            mean += off / (i + 1);
            squares += off * (differences[i] - mean);
        }

        var error = Math.Sqrt(squares / (differences.Length - 1) / differences.Length);
        var reach = error == 0 ? 0 : StudentT.InvCDF(0, 1, differences.Length - 1, (1 + level) / 2) * error;
        return new ConfidenceInterval(mean, mean - reach, mean + reach, level);
    }
}
