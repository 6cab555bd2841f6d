using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>
/// What each column did to one score: by how much it changes when that column alone is taken away (occlusion; Zeiler and
/// Fergus, 2014). A column that is taken away is missing, so the model's own imputation, or what it makes of a missing
/// value, stands in its place. Effects of columns that act together do not add up to the score.
/// </summary>
/// <param name="Method">occlusion.</param>
/// <param name="Score">The model's own score, before post-processing.</param>
/// <param name="Baseline">The score of a vector where all columns are missing; null: the model gives none.</param>
/// <param name="Columns">In the order of the columns.</param>
[GenerateSerializer, Immutable, Alias("oml.Explanation")]
public sealed record Explanation(
    [property: Id(0)] string Method,
    [property: Id(1)] double Score,
    [property: Id(2)] double? Baseline,
    [property: Id(3)] ImmutableArray<ColumnEffect> Columns);
