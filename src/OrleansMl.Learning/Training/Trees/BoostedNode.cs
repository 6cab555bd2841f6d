namespace OrleansMl.Learning;

/// <summary>A node of a boosted tree.</summary>
/// <param name="Feature">Tested; −1: a leaf.</param>
/// <param name="Threshold">Of a number: left when x ≤ threshold, both as 32-bit floats.</param>
/// <param name="Categories">Of a category: where the set of codes that go left begins in <see cref="BoostedTreesModel.CategorySets"/>; −1: the feature is a number.</param>
/// <param name="MissingLeft">What is missing, and what is no code of a category, goes left.</param>
/// <param name="Left">Place of the next node on the left; that on the right is the one behind it.</param>
/// <param name="Value">Of a leaf, added to the sum; of others 0.</param>
/// <param name="Gain">Of a test: how much less it made the loss, by its second-order approximation; of a leaf 0.</param>
public readonly record struct BoostedNode(int Feature, float Threshold, int Categories, bool MissingLeft, int Left, double Value, double Gain)
{
    /// <summary>It has no test.</summary>
    public bool IsLeaf => Feature < 0;
}
