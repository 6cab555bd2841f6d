namespace OrleansMl.Learning;

/// <summary>Figures of one ranked list: scores and the relevance of each item, by item. All are in [0, 1]; NaN where nothing is relevant.</summary>
public static class Ranking
{
    /// <summary>
    /// Normalised discounted cumulative gain (Järvelin and Kekäläinen 2002): Σ gain/log2(rank + 1) over the first k, by
    /// that of the best order. Gains are the relevances; items of equal score share the mean gain of their ranks.
    /// </summary>
    /// <exception cref="ArgumentException">Lengths differ, no item, not finite, or a negative relevance.</exception>
    public static double Ndcg(ReadOnlySpan<double> scores, ReadOnlySpan<double> relevance, int k)
    {
        Require(scores, relevance, k);
        return Gain(scores, relevance, k) / Gain(relevance, relevance, k);
    }

    /// <summary>Average precision at k: Σ_{i ≤ k} 1[item i is relevant] · precision at i, by min(k, relevant items). Its mean over lists is MAP@k.</summary>
    /// <inheritdoc cref="Ndcg" path="/exception"/>
    public static double AveragePrecision(ReadOnlySpan<double> scores, ReadOnlySpan<double> relevance, int k)
    {
        Require(scores, relevance, k);
        double sum = 0, found = 0;
        var order = Order(scores);
        for (var rank = 1; rank <= Math.Min(k, order.Length); rank++)
        {
            if (relevance[order[rank - 1]] > 0)
                sum += ++found / rank;
        }

        return sum / Math.Min(k, Relevant(relevance));
    }

    /// <summary>1 where one of the first k is relevant, else 0.</summary>
    /// <inheritdoc cref="Ndcg" path="/exception"/>
    public static double Hit(ReadOnlySpan<double> scores, ReadOnlySpan<double> relevance, int k)
        => ReciprocalRank(scores, relevance, k) is var rank && rank > 0 ? 1 : rank;

    /// <summary>1/rank of the first relevant item; 0 where it is not among the first k.</summary>
    /// <inheritdoc cref="Ndcg" path="/exception"/>
    public static double ReciprocalRank(ReadOnlySpan<double> scores, ReadOnlySpan<double> relevance, int k)
    {
        Require(scores, relevance, k);
        if (Relevant(relevance) == 0)
            return double.NaN;
        var order = Order(scores);
        for (var rank = 1; rank <= Math.Min(k, order.Length); rank++)
        {
            if (relevance[order[rank - 1]] > 0)
                return 1.0 / rank;
        }

        return 0;
    }

    private static double Gain(ReadOnlySpan<double> scores, ReadOnlySpan<double> relevance, int k)
    {
        var order = Order(scores);
        double sum = 0;
        for (int start = 0, end; start < Math.Min(k, order.Length); start = end)
        {
            double gains = 0, discounts = 0;
            for (end = start; end < order.Length && scores[order[end]] == scores[order[start]]; end++)
            {
                gains += relevance[order[end]];
                discounts += end < k ? 1 / Math.Log2(end + 2) : 0;
            }

            sum += gains / (end - start) * discounts;
        }

        return sum;
    }

    /// <summary>Highest score first; equal scores in the order given.</summary>
    private static int[] Order(ReadOnlySpan<double> scores)
    {
        var given = scores.ToArray();
        return [.. Enumerable.Range(0, given.Length).OrderByDescending(i => given[i])];
    }

    private static int Relevant(ReadOnlySpan<double> relevance)
    {
        var count = 0;
        foreach (var value in relevance)
            count += value > 0 ? 1 : 0;
        return count;
    }

    private static void Require(ReadOnlySpan<double> scores, ReadOnlySpan<double> relevance, int k)
    {
        Inputs.Require(scores, relevance);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        for (var i = 0; i < relevance.Length; i++)
        {
            if (relevance[i] < 0)
                throw new ArgumentException($"The relevance of item {i} is {relevance[i]}; it must not be negative.", nameof(relevance));
        }
    }
}
