namespace OrleansMl.Learning;

/// <summary>
/// Replaces the columns by their principal components of the training rows, <c>prefix_0</c> …, by descending variance; all missing
/// when any part is missing. Scale the columns before: the widest decides.
/// </summary>
/// <param name="Columns">Numbers, at most 1,000.</param>
/// <param name="Components">How many, at most as many as columns; null: by <paramref name="Variance"/>.</param>
/// <param name="Variance">The fewest that explain a larger share of the variance, in (0, 1).</param>
/// <param name="Prefix">Of the new names.</param>
public sealed record PcaSpec(ColumnSelector Columns, int? Components, double? Variance, string Prefix = "pca") : StageSpec("pca", Columns);
