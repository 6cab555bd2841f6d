using System.Collections.Immutable;
using OrleansMl.Storage;

namespace OrleansMl.Evaluations;

/// <summary>A row with its truth, of the log or of a data set.</summary>
/// <param name="Vector">In the model's column order.</param>
/// <param name="Label">The truth.</param>
/// <param name="Made">When it was predicted.</param>
/// <param name="Known">When the truth came.</param>
/// <param name="Record">As logged; null: it is of a data set.</param>
internal readonly record struct SourceRow(ImmutableArray<Scalar> Vector, double Label, DateTime Made, DateTime Known, PredictionRecord? Record)
{
    /// <summary>Above 0.</summary>
    public double Weight { get; init; } = 1;
}
