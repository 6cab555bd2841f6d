namespace OrleansMl.Learning;

/// <summary>Limits numbers to [min, max]; null is open.</summary>
public sealed record ClipSpec(ColumnSelector Columns, double? Min, double? Max) : StageSpec("clip", Columns);
