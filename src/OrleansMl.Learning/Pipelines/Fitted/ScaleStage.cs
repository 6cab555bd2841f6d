using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>(x − center) / scale: standard_scale and min_max_scale.</summary>
public sealed record ScaleStage(string Name, ImmutableArray<ColumnScale> Scales) : FittedStage(Name)
{
    public override ImmutableArray<StandingColumn> Apply(ImmutableArray<StandingColumn> standing) => StandingColumn.Recomputed(standing, Scales.Select(scale => scale.Column));
}
