namespace OrleansMl.Learning;

/// <summary>A tree as it was grown.</summary>
/// <param name="Splits">By node; null: a leaf.</param>
/// <param name="Children">By node: the one on the left; that on the right is the next.</param>
/// <param name="Leaves">With their rows in the partition.</param>
internal sealed record GrownTree(IReadOnlyList<BoostedSplit?> Splits, IReadOnlyList<int> Children, IReadOnlyList<GrowingLeaf> Leaves);
