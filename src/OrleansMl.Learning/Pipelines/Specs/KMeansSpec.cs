namespace OrleansMl.Learning;

/// <summary>
/// Adds, for each of <paramref name="K"/> clusters of the training rows, the distance to its centre: columns <c>prefix_0</c> …
/// <c>prefix_(k−1)</c>, all missing when any part is missing. The columns stay. Scale them before: the widest decides.
/// </summary>
/// <param name="Columns">Numbers.</param>
/// <param name="K">2–256, at most the distinct training rows.</param>
/// <param name="Seed">Of the first centres.</param>
/// <param name="Starts">1–100: draws of first centres, of which the best is kept.</param>
/// <param name="Prefix">Of the new names.</param>
public sealed record KMeansSpec(ColumnSelector Columns, int K, long Seed = 1, int Starts = 3, string Prefix = "kmeans") : StageSpec("kmeans", Columns);
