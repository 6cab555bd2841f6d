namespace OrleansMl;

/// <summary>One column's part.</summary>
/// <param name="Name">Of the column.</param>
/// <param name="Value">As served.</param>
/// <param name="Contribution">Score minus the score without it; null: the model gives no score without it.</param>
[GenerateSerializer, Immutable, Alias("oml.ColumnEffect")]
public sealed record ColumnEffect([property: Id(0)] string Name, [property: Id(1)] Scalar Value, [property: Id(2)] double? Contribution);
