namespace OrleansMl.Learning;

/// <summary>(x − min) / (max − min) of the training rows; values outside leave [0, 1]. Constant columns keep scale 1, with a warning.</summary>
public sealed record MinMaxScaleSpec(ColumnSelector Columns) : StageSpec("min_max_scale", Columns);
