using System.Collections.Immutable;

namespace OrleansMl.Declaration;

/// <summary>Where a parameter is searched for: a range, or some choices.</summary>
/// <param name="Kind">log | uniform | int | choice.</param>
/// <param name="Min">Least value of a range, itself in; 0 with choices.</param>
/// <param name="Max">Greatest value of a range, itself in; 0 with choices.</param>
/// <param name="Choices">For choice: at least one double, bool or string; else empty.</param>
public sealed record TuneRangeDefinition(string Kind, double Min, double Max, ImmutableArray<object> Choices);
