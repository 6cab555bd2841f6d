using OrleansMl.Learning;

namespace OrleansMl.Training;

/// <summary>A raw row with its truth.</summary>
/// <param name="Row">In the columns of the file.</param>
/// <param name="Label">The class, from 0, or the value.</param>
/// <param name="Weight">Above 0; 1 unless said otherwise.</param>
/// <param name="Made">When it was predicted: the order of the rows.</param>
/// <param name="Known">When its truth came.</param>
public readonly record struct LabelledRow(Row Row, double Label, double Weight, DateTime Made, DateTime Known);
