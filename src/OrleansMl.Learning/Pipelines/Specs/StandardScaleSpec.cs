namespace OrleansMl.Learning;

/// <summary>(x − mean) / population standard deviation of the training rows; constant columns keep scale 1, with a warning.</summary>
public sealed record StandardScaleSpec(ColumnSelector Columns) : StageSpec("standard_scale", Columns);
