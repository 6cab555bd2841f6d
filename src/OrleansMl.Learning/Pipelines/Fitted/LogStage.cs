using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>ln(max(x + offset, floor of the column)).</summary>
public sealed record LogStage(double Offset, ImmutableArray<NumberOf> Floors) : FittedStage("log")
{
    public override ImmutableArray<StandingColumn> Apply(ImmutableArray<StandingColumn> standing) => StandingColumn.Recomputed(standing, Floors.Select(floor => floor.Column));
}
