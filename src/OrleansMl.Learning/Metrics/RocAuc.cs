namespace OrleansMl.Learning;

/// <summary>Area under the ROC curve.</summary>
public static class RocAuc
{
    /// <summary>Probability that a random positive scores above a random negative, ties as one half (Mann–Whitney); NaN without both classes.</summary>
    /// <exception cref="ArgumentException">Lengths differ.</exception>
    public static double Compute(ReadOnlySpan<double> scores, ReadOnlySpan<double> labels)
    {
        if (scores.Length != labels.Length)
            throw new ArgumentException($"There are {scores.Length} scores and {labels.Length} labels.", nameof(labels));
        var (keys, positive) = (scores.ToArray(), labels.ToArray());
        Array.Sort(keys, positive);
        double rankSum = 0, positives = 0;
        for (int start = 0, end; start < keys.Length; start = end)
        {
            double tied = 0;
            for (end = start; end < keys.Length && keys[end] == keys[start]; end++)
                tied += positive[end] > 0.5 ? 1 : 0;
            rankSum += tied * ((start + 1 + end) / 2.0);
            positives += tied;
        }

        var negatives = keys.Length - positives;
        return (rankSum - (positives * (positives + 1) / 2)) / (positives * negatives);
    }
}
