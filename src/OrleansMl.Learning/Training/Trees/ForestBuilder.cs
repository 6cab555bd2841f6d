using System.Runtime.InteropServices;

namespace OrleansMl.Learning;

/// <summary>Trees as they become a model.</summary>
internal sealed class ForestBuilder(BinnedRows rows)
{
    private readonly List<BoostedNode> _nodes = [];
    private readonly List<ulong> _sets = [];
    private readonly List<(int Root, int Set)> _trees = [];
    private readonly int[] _categories = [.. rows.Features.Select(bins => bins is CategoryBins categories ? categories.Categories : 0)];

    /// <summary>Trees so far.</summary>
    public int Count => _trees.Count;

    /// <summary>Adds a tree.</summary>
    /// <param name="tree">Grown.</param>
    /// <param name="values">Of its leaves, in their order.</param>
    public void Add(GrownTree tree, ReadOnlySpan<double> values)
    {
        var root = _nodes.Count;
        _trees.Add((root, _sets.Count));
        var byNode = new double[tree.Splits.Count];
        for (var i = 0; i < values.Length; i++)
            byNode[tree.Leaves[i].Node] = values[i];
        for (var node = 0; node < byNode.Length; node++)
            _nodes.Add(tree.Splits[node] is { } split ? Test(split, root + tree.Children[node]) : new BoostedNode(-1, 0, -1, false, 0, byNode[node], 0));
    }

    /// <summary>What a tree adds for a row [D].</summary>
    public double LeafValue(int tree, ReadOnlySpan<double> x)
        => BoostedTreesModel.LeafValue(CollectionsMarshal.AsSpan(_nodes), CollectionsMarshal.AsSpan(_sets), _categories, _trees[tree].Root, x);

    /// <summary>The model of the first trees.</summary>
    public BoostedTreesModel ToModel(int trees, double[] start, BoostedLink link)
    {
        var (nodes, sets) = trees < _trees.Count ? _trees[trees] : (_nodes.Count, _sets.Count);
        return new BoostedTreesModel([.. _nodes.Take(nodes)], [.. _trees.Take(trees).Select(tree => tree.Root)], [.. start], [.. _categories], [.. _sets.Take(sets)], link);
    }

    private BoostedNode Test(in BoostedSplit split, int left)
    {
        var bins = rows.Features[split.Feature];
        var missingLeft = split.Left.Contains(bins.Missing);
        if (bins is NumericBins numbers)
            return new BoostedNode(split.Feature, numbers[split.LastBin], -1, missingLeft, left, 0, split.Gain);
        var place = _sets.Count;
        var words = new ulong[(_categories[split.Feature] + 63) / 64];
        foreach (var code in ((CategoryBins)bins).CodesIn(split.Left))
            words[code >> 6] |= 1UL << (code & 63);
        _sets.AddRange(words);
        return new BoostedNode(split.Feature, 0, place, missingLeft, left, 0, split.Gain);
    }
}
