namespace OrleansMl.Learning;

/// <summary>
/// Adds a column named <c>a*b</c>: the product of numbers, or, when any of the columns is categorical, the text of the
/// values joined by U+001F. Missing when any part is missing. The crossed columns stay.
/// </summary>
/// <param name="Columns">Two or more.</param>
public sealed record CrossSpec(ColumnSelector Columns) : StageSpec("cross", Columns);
