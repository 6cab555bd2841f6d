using System.Collections.Immutable;

namespace OrleansMl.Declaration;

/// <summary>A column that divides rows into slices.</summary>
/// <param name="Column">A column of the model.</param>
/// <param name="Bins">Cut points of a number, rising: n of them make n + 1 slices. Empty: each value is a slice.</param>
public sealed record SliceDefinition(string Column, ImmutableArray<double> Bins);
