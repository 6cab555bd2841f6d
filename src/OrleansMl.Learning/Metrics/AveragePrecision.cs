namespace OrleansMl.Learning;

/// <summary>Area under the precision–recall curve as a step function, without interpolation.</summary>
public static class AveragePrecision
{
    /// <summary>Σ (R_i − R_{i−1}) P_i over the distinct scores, highest first; a positive share is a random ranker's figure. NaN without a positive.</summary>
    /// <exception cref="ArgumentException">Lengths differ, no row, not finite, or a label other than 0 and 1.</exception>
    public static double Compute(ReadOnlySpan<double> scores, ReadOnlySpan<double> labels)
    {
        Inputs.Require(scores, labels);
        Inputs.RequireBinary(labels);
        var (keys, positive) = (scores.ToArray(), labels.ToArray());
        Array.Sort(keys, positive);
        double found = 0, area = 0;
        for (int end = keys.Length, start; end > 0; end = start)
        {
            double tied = 0;
            for (start = end; start > 0 && keys[start - 1] == keys[end - 1]; start--)
                tied += positive[start - 1];
            found += tied;
            area += tied * (found / (keys.Length - start));
        }

        return area / found;
    }
}
