using MathNet.Numerics.Distributions;

namespace OrleansMl.Learning;

/// <summary>
/// The variance of the area under the ROC curve from its structural components (DeLong, DeLong and Clarke-Pearson 1988),
/// by mid-ranks in O(n log n) (Sun and Xu 2014).
/// </summary>
public static class DeLong
{
    /// <summary>AUC ± z · standard error, limited to [0, 1].</summary>
    /// <exception cref="ArgumentException">Lengths differ, not finite, a label other than 0 and 1, or fewer than two rows of a class.</exception>
    public static ConfidenceInterval Interval(ReadOnlySpan<double> scores, ReadOnlySpan<double> labels, double level = ConfidenceInterval.DefaultLevel)
    {
        var (auc, positives, negatives) = Components(scores, labels);
        var interval = ConfidenceInterval.Normal(auc, Math.Sqrt(Variance(positives) + Variance(negatives)), level);
        return interval with { Lower = Math.Max(0, interval.Lower), Upper = Math.Min(1, interval.Upper) };
    }

    /// <summary>Compares two scores of the same rows; their correlation makes this sharper than two intervals.</summary>
    /// <inheritdoc cref="Interval" path="/exception"/>
    public static AucComparison Compare(ReadOnlySpan<double> first, ReadOnlySpan<double> second, ReadOnlySpan<double> labels, double level = ConfidenceInterval.DefaultLevel)
    {
        var one = Components(first, labels);
        var two = Components(second, labels);
        var positives = one.Positives.Zip(two.Positives, (a, b) => a - b).ToArray();
        var negatives = one.Negatives.Zip(two.Negatives, (a, b) => a - b).ToArray();
        var error = Math.Sqrt(Variance(positives) + Variance(negatives));
        var difference = one.Auc - two.Auc;
        return new AucComparison(ConfidenceInterval.Normal(difference, error, level), error > 0 ? 2 * Normal.CDF(0, 1, -Math.Abs(difference) / error) : difference == 0 ? 1 : 0);
    }

    /// <summary>For each positive the share of negatives below it, for each negative the share of positives above it; ties as one half.</summary>
    private static (double Auc, double[] Positives, double[] Negatives) Components(ReadOnlySpan<double> scores, ReadOnlySpan<double> labels)
    {
        Inputs.Require(scores, labels);
        Inputs.RequireBinary(labels);
        var all = scores.ToArray();
        var truth = labels.ToArray();
        var positives = all.Where((_, i) => truth[i] == 1).ToArray();
        var negatives = all.Where((_, i) => truth[i] == 0).ToArray();
        if (positives.Length < 2 || negatives.Length < 2)
            throw new ArgumentException($"There are {positives.Length} positives and {negatives.Length} negatives; the variance needs two of each.", nameof(labels));
        var sortedPositives = positives.Order().ToArray();
        var sortedNegatives = negatives.Order().ToArray();
        var ofPositives = positives.Select(score => ShareBelow(sortedNegatives, score)).ToArray();
        var ofNegatives = negatives.Select(score => 1 - ShareBelow(sortedPositives, score)).ToArray();
        return (ofPositives.Average(), ofPositives, ofNegatives);
    }

    private static double ShareBelow(double[] sorted, double score) => (First(sorted, score, after: false) + First(sorted, score, after: true)) / 2.0 / sorted.Length;

    /// <summary>Values below the score, or (after) not above it.</summary>
    private static int First(double[] sorted, double score, bool after)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (sorted[middle] < score || (after && sorted[middle] == score))
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>Sample variance of the mean of the components.</summary>
    private static double Variance(double[] components)
    {
        var mean = components.Average();
        return components.Sum(value => (value - mean) * (value - mean)) / (components.Length - 1) / components.Length;
    }
}
