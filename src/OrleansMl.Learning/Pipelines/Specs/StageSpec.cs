namespace OrleansMl.Learning;

/// <summary>One stage as declared.</summary>
/// <param name="Name">The word in application files.</param>
/// <param name="Columns">What it works on.</param>
public abstract record StageSpec(string Name, ColumnSelector Columns);
