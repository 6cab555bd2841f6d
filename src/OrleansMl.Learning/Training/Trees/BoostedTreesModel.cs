using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>
/// Gradient-boosted trees: link(start + Σ leaves). Features are compared as 32-bit floats, so that exported graphs take the
/// same branches; NaN and
/// what is beyond 32-bit floats is missing.
/// </summary>
/// <param name="Nodes">Of all trees, one after the other.</param>
/// <param name="Roots">Place of each tree's root; of T sums the tree at t adds to the sum t mod T.</param>
/// <param name="Start">[T]: 1, or the number of classes when it is more than 2.</param>
/// <param name="Categories">[D]: of a feature that holds codes 0 … n−1 of categories, n; of one that holds a number, 0.</param>
/// <param name="CategorySets">Sets of codes, a bit each, in (n + 63) / 64 words a set.</param>
/// <param name="Link">To the answer.</param>
public sealed record BoostedTreesModel(
    ImmutableArray<BoostedNode> Nodes,
    ImmutableArray<int> Roots,
    ImmutableArray<double> Start,
    ImmutableArray<int> Categories,
    ImmutableArray<ulong> CategorySets,
    BoostedLink Link) : LearnerModel
{
    public override int DenseCount => Categories.Length;

    public override int HashBits { get; init; }

    public override int Classes => Link switch
    {
        BoostedLink.Logistic => 2,
        BoostedLink.Softmax => Start.Length,
        _ => 0,
    };

    /// <summary>[D].</summary>
    public ImmutableArray<FeatureImportance> Importances { get; } = Sum(Nodes, Categories.Length);

    public override void Predict(in FeatureSpan x, Span<double> output)
    {
        Check(x, output);
        if (Start.Length > 1)
        {
            Start.CopyTo(output);
            for (var tree = 0; tree < Roots.Length; tree++)
                output[tree % output.Length] += LeafValue(Roots[tree], x.Dense);
            Probabilities.Softmax(output);
            return;
        }

        var sum = Start[0];
        foreach (var root in Roots)
            sum += LeafValue(root, x.Dense);
        switch (Link)
        {
            case BoostedLink.Identity:
                output[0] = sum;
                break;
            case BoostedLink.Exponential:
                output[0] = Math.Exp(sum);
                break;
            default:
                (output[0], output[1]) = (Probabilities.Logistic(-sum), Probabilities.Logistic(sum));
                break;
        }
    }

    /// <summary>A code of a category goes left at a node; beyond the codes: a missing one does.</summary>
    public bool GoesLeft(in BoostedNode node, int code) => GoesLeft(node, CategorySets.AsSpan(), Categories[node.Feature], code);

    /// <summary>The value of the leaf that a row falls into.</summary>
    /// <param name="nodes">Of all trees.</param>
    /// <param name="sets">Of categories.</param>
    /// <param name="categories">[D].</param>
    /// <param name="root">Of the tree.</param>
    /// <param name="x">[D].</param>
    internal static double LeafValue(ReadOnlySpan<BoostedNode> nodes, ReadOnlySpan<ulong> sets, ReadOnlySpan<int> categories, int root, ReadOnlySpan<double> x)
    {
        ref readonly var node = ref nodes[root];
        while (!node.IsLeaf)
        {
            var value = (float)x[node.Feature];
            var left = node.Categories >= 0 ? GoesLeft(node, sets, categories[node.Feature], CategoryCode.Of(value, categories[node.Feature]))
                : float.IsFinite(value) ? value <= node.Threshold
                : node.MissingLeft;
            node = ref nodes[left ? node.Left : node.Left + 1];
        }

        return node.Value;
    }

    private static bool GoesLeft(in BoostedNode node, ReadOnlySpan<ulong> sets, int categories, int code)
        => (uint)code < (uint)categories ? (sets[node.Categories + (code >> 6)] & (1UL << (code & 63))) != 0 : node.MissingLeft;

    private double LeafValue(int root, ReadOnlySpan<double> x) => LeafValue(Nodes.AsSpan(), CategorySets.AsSpan(), Categories.AsSpan(), root, x);

    private static ImmutableArray<FeatureImportance> Sum(ImmutableArray<BoostedNode> nodes, int features)
    {
        var sums = new FeatureImportance[features];
        foreach (var node in nodes)
        {
            if (!node.IsLeaf)
                sums[node.Feature] = new FeatureImportance(sums[node.Feature].Gain + node.Gain, sums[node.Feature].Splits + 1);
        }

        return [.. sums];
    }
}
