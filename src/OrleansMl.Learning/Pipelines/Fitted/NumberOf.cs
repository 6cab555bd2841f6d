namespace OrleansMl.Learning;

/// <summary>A number learned for a column.</summary>
public readonly record struct NumberOf(string Column, double Value);
