using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>(x − center) / scale: standard_scale and min_max_scale.</summary>
public sealed record ScaleStage(string Name, ImmutableArray<ColumnScale> Scales) : FittedStage(Name);
