using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>
/// A Hoeffding tree at one moment: tests, and in each leaf a naive Bayes: softmax of log share + Σ ln density, where one
/// without variance is passed over. A leaf that answers by majority has no densities.
/// </summary>
/// <param name="Nodes">[0] is the root.</param>
/// <param name="Leaves">By <see cref="TreeModelNode.Leaf"/>.</param>
/// <param name="Classes">C.</param>
/// <param name="DenseCount">D.</param>
/// <param name="HashedCount">K.</param>
/// <param name="HashBits">The hashed table has 2^bits places; 0: none.</param>
public sealed record HoeffdingTreeModel(ImmutableArray<TreeModelNode> Nodes, ImmutableArray<TreeModelLeaf> Leaves, int Classes, int DenseCount, int HashedCount, int HashBits) : LearnerModel
{
    public override int Classes { get; } = Classes;

    public override int DenseCount { get; } = DenseCount;

    public override void Predict(in FeatureSpan x, Span<double> output)
    {
        Check(x, output);
        RowCheck.HashedCount(x, HashedCount);
        var node = Nodes[0];
        while (node.Test is { } test)
            node = Nodes[test.GoesLeft(x) ? node.Left : node.Right];
        Leaves[node.Leaf].Predict(x, output);
    }

    internal static HoeffdingTreeModel Of(TreeNode root, in LearnerShape shape, Func<LeafNode, bool> usesBayes)
    {
        var nodes = new List<TreeModelNode>();
        var leaves = ImmutableArray.CreateBuilder<TreeModelLeaf>();
        Add(root);
        return new HoeffdingTreeModel([.. nodes], leaves.ToImmutable(), shape.Classes, shape.DenseCount, shape.HashedCount, shape.HashBits);

        int Add(TreeNode node)
        {
            var place = nodes.Count;
            if (node is LeafNode leaf)
            {
                nodes.Add(new TreeModelNode(null, 0, 0, leaves.Count));
                leaves.Add(TreeModelLeaf.Of(leaf, usesBayes(leaf)));
                return place;
            }

            var split = (SplitNode)node;
            nodes.Add(default!);
            nodes[place] = new TreeModelNode(split.Test, Add(split.Left), Add(split.Right), -1);
            return place;
        }
    }
}
