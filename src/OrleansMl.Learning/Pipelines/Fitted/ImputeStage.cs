using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>Fills missing values.</summary>
public sealed record ImputeStage(ImmutableArray<NumberOf> Numbers, ImmutableArray<TextOf> Texts) : FittedStage("impute")
{
    /// <summary>Codes filled by one of them stay codes.</summary>
    public override ImmutableArray<StandingColumn> Apply(ImmutableArray<StandingColumn> standing)
        => StandingColumn.Recomputed(standing, Numbers.Where(fill => CategoryCode.Of((float)fill.Value, standing.First(column => column.Name == fill.Column).Categories) < 0).Select(fill => fill.Column));
}
