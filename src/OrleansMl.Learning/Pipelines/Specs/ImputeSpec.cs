namespace OrleansMl.Learning;

/// <summary>Fills missing values with a statistic of the training rows, or a constant.</summary>
/// <param name="Columns">Any; mean and median take numbers only.</param>
/// <param name="Strategy">The statistic.</param>
/// <param name="Value">For <see cref="ImputeStrategy.Constant"/>: a double for numeric columns, a string for categorical ones.</param>
public sealed record ImputeSpec(ColumnSelector Columns, ImputeStrategy Strategy, object? Value = null) : StageSpec("impute", Columns);
