using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>What a leaf answers.</summary>
/// <param name="LogShares">[C]; −∞ for a class never seen there.</param>
/// <param name="Means">[D, C], row-major; empty: by majority.</param>
/// <param name="Variances">[D, C]; 0: no density.</param>
/// <param name="Places">[K] rows [C] of logarithms of shares, 0 where it was never seen; empty: by majority.</param>
public sealed record TreeModelLeaf(ImmutableArray<double> LogShares, ImmutableArray<double> Means, ImmutableArray<double> Variances, ImmutableArray<SparseRows> Places)
{
    /// <summary>Writes [C].</summary>
    public void Predict(in FeatureSpan x, Span<double> output)
    {
        LogShares.AsSpan().CopyTo(output);
        for (var c = 0; c < output.Length; c++)
        {
            for (var i = c; i < Means.Length; i += output.Length)
                output[c] += GaussianEstimate.LogDensity(x.Dense[i / output.Length], Means[i], Variances[i]);
        }

        for (var i = 0; i < Places.Length; i++)
        {
            var row = x.HashedValues[i] == 0 ? [] : Places[i].Find(x.HashedIndices[i]);
            for (var c = 0; c < row.Length; c++)
                output[c] += row[c];
        }

        Probabilities.Softmax(output);
    }

    internal static TreeModelLeaf Of(LeafNode leaf, bool bayes)
    {
        var classes = leaf.Weights.Length;
        var shares = new double[classes];
        leaf.Majority(shares);
        ImmutableArray<double> logs = [.. shares.Select(share => Math.Log(share))];
        if (!bayes || !(leaf.TotalWeight > 0))
            return new TreeModelLeaf(logs, [], [], []);
        return new TreeModelLeaf(
            logs,
            [.. leaf.Numbers!.Select(number => number.Normal.Mean)],
            [.. leaf.Numbers!.Select(number => number.Normal.SampleVariance)],
            [.. leaf.Places!.Select(counts => new SparseRows(
                [.. counts.ByPlace.Keys],
                [.. counts.ByPlace.Keys.SelectMany(place => Enumerable.Range(0, classes).Select(c => counts.Share(place, c) is > 0 and var share ? Math.Log(share) : 0))],
                classes))]);
    }
}
