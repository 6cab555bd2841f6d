namespace OrleansMl.Learning;

/// <summary>A text learned for a column.</summary>
public readonly record struct TextOf(string Column, string Value);
