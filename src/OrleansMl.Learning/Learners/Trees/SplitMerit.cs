namespace OrleansMl.Learning;

/// <summary>Information gain of a division in two (Quinlan, 1986), in bits.</summary>
internal static class SplitMerit
{
    /// <summary>Gain; −∞ when fewer than two sides hold more than a share of the weight.</summary>
    /// <param name="before">Weights of the classes.</param>
    /// <param name="left">Those sent left.</param>
    /// <param name="right">Those sent right.</param>
    /// <param name="leastShare">Of the weight, per side.</param>
    public static double Gain(ReadOnlySpan<double> before, ReadOnlySpan<double> left, ReadOnlySpan<double> right, double leastShare)
    {
        var (leftWeight, rightWeight) = (Sum(left), Sum(right));
        var total = leftWeight + rightWeight;
        if (!(total > 0) || !(leftWeight / total > leastShare) || !(rightWeight / total > leastShare))
            return double.NegativeInfinity;
        return Entropy(before) - (((leftWeight * Entropy(left)) + (rightWeight * Entropy(right))) / total);
    }

    /// <summary>The greatest gain there can be: log₂ of the number of classes seen, at least 1.</summary>
    public static double Range(ReadOnlySpan<double> weights)
    {
        var seen = 0;
        foreach (var weight in weights)
            seen += weight > 0 ? 1 : 0;
        return Math.Log2(Math.Max(2, seen));
    }

    public static double Sum(ReadOnlySpan<double> weights)
    {
        double sum = 0;
        foreach (var weight in weights)
            sum += weight;
        return sum;
    }

    private static double Entropy(ReadOnlySpan<double> weights)
    {
        double entropy = 0, sum = 0;
        foreach (var weight in weights)
        {
            if (weight > 0)
            {
                entropy -= weight * Math.Log2(weight);
                sum += weight;
            }
        }

        return sum > 0 ? (entropy + (sum * Math.Log2(sum))) / sum : 0;
    }
}
