using System.Collections.Immutable;

namespace OrleansMl.Evaluations;

/// <summary>Which classes a version took for which: its confusion matrix by the cells that hold rows.</summary>
/// <param name="Version">Who answered.</param>
/// <param name="Cells">The fullest first.</param>
/// <param name="Others">Rows in cells that are left out.</param>
public sealed record EvaluationConfusion(int Version, ImmutableArray<ConfusionCell> Cells, long Others);

/// <summary>Rows of one truth that got one answer.</summary>
/// <param name="Actual">The true class.</param>
/// <param name="Predicted">The most probable class of the answer.</param>
/// <param name="Count">Rows, at least one.</param>
public sealed record ConfusionCell(string Actual, string Predicted, long Count);
