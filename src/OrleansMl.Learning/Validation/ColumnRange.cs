namespace OrleansMl.Learning;

/// <summary>Where the values of a numeric column may lie, the bounds themselves in.</summary>
public sealed record ColumnRange(string Column, double Min, double Max);
