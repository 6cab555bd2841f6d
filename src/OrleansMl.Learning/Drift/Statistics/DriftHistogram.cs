using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>A sample by bins.</summary>
/// <param name="Edges">Bounds of the bins, ascending; of few distinct values the values themselves.</param>
/// <param name="Counts">Rows by bin; one more than bins for values outside all of them.</param>
/// <param name="IsDiscrete">The edges are values.</param>
public sealed record DriftHistogram(ImmutableArray<double> Edges, ImmutableArray<int> Counts, bool IsDiscrete);
