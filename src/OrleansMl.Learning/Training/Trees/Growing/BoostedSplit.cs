namespace OrleansMl.Learning;

/// <summary>A way to split a leaf.</summary>
/// <param name="Gain">How much less the loss becomes, by its second-order approximation; 0: there is no way.</param>
/// <param name="Feature">Tested.</param>
/// <param name="LastBin">Of a number: bins up to this go left; of categories −1.</param>
/// <param name="Left">The bins that go left, that of missing values included where they do.</param>
/// <param name="Sums">Over the rows that go left.</param>
/// <param name="Count">Rows that go left.</param>
internal readonly record struct BoostedSplit(double Gain, int Feature, int LastBin, BinSet Left, GradientPair Sums, int Count);
