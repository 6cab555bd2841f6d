namespace OrleansMl.Learning;

/// <summary>Where the values of a numeric column may lie, the bounds themselves in.</summary>
/// <param name="Column">The column.</param>
/// <param name="Min">Least; null: there is no bound below.</param>
/// <param name="Max">Greatest; null: there is none above.</param>
public sealed record ColumnRange(string Column, double? Min, double? Max);
