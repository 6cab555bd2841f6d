namespace OrleansMl.Learning;

/// <summary>Something that is wrong or odd about rows.</summary>
/// <param name="Check">One of <see cref="DataChecks"/>.</param>
/// <param name="Column">The column; null: it is about all of them, or the target.</param>
/// <param name="Severity">Whether it stops a training.</param>
/// <param name="Value">What was measured, in the check's unit.</param>
/// <param name="Limit">What it is held against; null: there is nothing to set.</param>
/// <param name="Detail">Names the thing, the value, the limit and the remedy.</param>
public sealed record DataFinding(string Check, string? Column, FindingSeverity Severity, double Value, double? Limit, string Detail);
