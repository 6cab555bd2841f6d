namespace OrleansMl.Learning;

/// <summary>Center and scale of a column; the scale is never 0.</summary>
public readonly record struct ColumnScale(string Column, double Center, double Scale);
