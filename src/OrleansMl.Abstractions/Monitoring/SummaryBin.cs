namespace OrleansMl;

/// <summary>A bin of a histogram.</summary>
/// <param name="From">Least value, inclusive; null: open, or with <paramref name="To"/> null too: values that the reference does not know.</param>
/// <param name="To">Bound above, exclusive; equal to <paramref name="From"/> for a bin of one value; null: open.</param>
/// <param name="Category">The text that the bin is of; null: numbers.</param>
/// <param name="Count">Rows.</param>
[GenerateSerializer, Immutable, Alias("oml.SummaryBin")]
public sealed record SummaryBin([property: Id(0)] double? From, [property: Id(1)] double? To, [property: Id(2)] string? Category, [property: Id(3)] long Count);
