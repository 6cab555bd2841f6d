using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>Rows to learn from and rows to judge on, by index, without a row in both.</summary>
public sealed record DataSplit(ImmutableArray<int> Train, ImmutableArray<int> Test);
