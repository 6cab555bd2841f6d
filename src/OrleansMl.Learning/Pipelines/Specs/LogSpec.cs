namespace OrleansMl.Learning;

/// <summary>
/// ln(x + offset). Where x + offset is under the smallest positive one of the training rows (zero and negative ones
/// included) that smallest one is taken, so that the result is always finite and within what was seen.
/// </summary>
public sealed record LogSpec(ColumnSelector Columns, double Offset = 1) : StageSpec("log", Columns);
