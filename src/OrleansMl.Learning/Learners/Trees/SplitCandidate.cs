namespace OrleansMl.Learning;

/// <summary>A way to divide a leaf.</summary>
/// <param name="Merit">Information gain; −∞: not admitted.</param>
/// <param name="Test">Null: do not divide.</param>
/// <param name="Left">Weights of the classes sent left.</param>
/// <param name="Right">Weights sent right.</param>
internal sealed record SplitCandidate(double Merit, TreeTest? Test, double[] Left, double[] Right)
{
    private const int PointsPerNumber = 10;

    /// <summary>The null candidate.</summary>
    public static SplitCandidate None { get; } = new(double.NegativeInfinity, null, [], []);

    /// <summary>The best candidate of each feature of a leaf that observes, in order.</summary>
    public static IEnumerable<SplitCandidate> Of(LeafNode leaf, int dense, double leastShare)
    {
        for (var i = 0; i < dense; i++)
            yield return OfNumber(leaf, i, leastShare);
        for (var i = 0; i < leaf.Places!.Length; i++)
            yield return OfPlaces(leaf, i, dense, leastShare);
    }

    /// <summary>Ten points evenly within the range; the normals say how much is on each side.</summary>
    private static SplitCandidate OfNumber(LeafNode leaf, int feature, double leastShare)
    {
        var classes = leaf.Weights.Length;
        var numbers = leaf.Numbers.AsSpan(feature * classes, classes);
        var (min, max) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (ref readonly var number in numbers)
        {
            if (number.IsSeen)
                (min, max) = (Math.Min(min, number.Min), Math.Max(max, number.Max));
        }

        var best = None;
        var step = (max - min) / (PointsPerNumber + 1);
        for (var point = 1; point <= PointsPerNumber; point++)
        {
            var value = min + (step * point);
            if (!(value > min && value < max))
                continue;
            var (left, right) = (new double[classes], new double[classes]);
            for (var c = 0; c < classes; c++)
            {
                left[c] = numbers[c].IsSeen ? numbers[c].WeightUpTo(value) : 0;
                right[c] = numbers[c].Normal.Weight - left[c];
            }

            best = Better(best, new TreeTest(feature, false, value), leaf.Weights, left, right, leastShare);
        }

        return best;
    }

    /// <summary>Each place against all others.</summary>
    private static SplitCandidate OfPlaces(LeafNode leaf, int position, int dense, double leastShare)
    {
        var counts = leaf.Places![position];
        var best = None;
        foreach (var (place, weights) in counts.ByPlace)
        {
            var right = new double[weights.Length];
            for (var c = 0; c < right.Length; c++)
                right[c] = counts.Totals[c] - weights[c];
            best = Better(best, new TreeTest(dense + position, true, place), leaf.Weights, [.. weights], right, leastShare);
        }

        return best;
    }

    private static SplitCandidate Better(SplitCandidate best, TreeTest test, double[] before, double[] left, double[] right, double leastShare)
    {
        var merit = SplitMerit.Gain(before, left, right, leastShare);
        return merit > best.Merit ? new SplitCandidate(merit, test, left, right) : best;
    }
}
