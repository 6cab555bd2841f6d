using System.Collections.Immutable;

namespace OrleansMl.Retraining;

/// <summary>What some rows hold, as far as it decides whether they can be learned from.</summary>
/// <param name="Rows">All of them.</param>
/// <param name="Negatives">Of a binary target: rows of the first class; else 0.</param>
/// <param name="Positives">Of a binary target: rows of the second class; else 0.</param>
/// <param name="IsLabelConstant">All rows have the same truth.</param>
/// <param name="Constant">Columns that hold one value in all rows, or none at all.</param>
/// <param name="From">When the oldest was predicted.</param>
/// <param name="To">When the newest was predicted.</param>
internal sealed record RowProfile(int Rows, int Negatives, int Positives, bool IsLabelConstant, ImmutableArray<string> Constant, DateTime From, DateTime To);
