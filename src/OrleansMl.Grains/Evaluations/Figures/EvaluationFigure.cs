namespace OrleansMl.Evaluations;

/// <summary>A metric of one predictor over some rows.</summary>
/// <param name="Version">Who scored, or on whose rows the baseline stands; null: whichever version answered, or all rows.</param>
/// <param name="Baseline">noChange | prior | majority; null: the model.</param>
/// <param name="Metric">As asked.</param>
/// <param name="Value">The figure; null: it is not defined on these rows (one class only, no relevant item).</param>
/// <param name="Lower">Of the 95 % interval; null: there is none.</param>
/// <param name="Upper">Of the 95 % interval; null: there is none.</param>
/// <param name="Count">Rows, or ranked answers, behind it.</param>
/// <param name="Slice">Null: all rows.</param>
public sealed record EvaluationFigure(int? Version, string? Baseline, string Metric, double? Value, double? Lower, double? Upper, int Count, EvaluationSlice? Slice);

/// <summary>Rows that have something in common.</summary>
/// <param name="Column">Of the model.</param>
/// <param name="Value">The column's value, an interval of numbers, (missing) or (others).</param>
/// <param name="IsSmall">So few rows that its figures say little.</param>
public sealed record EvaluationSlice(string Column, string Value, bool IsSmall);
