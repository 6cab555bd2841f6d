using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>Replaces each column, in its place, by its indicators.</summary>
public sealed record OneHotStage(ImmutableArray<CategoriesOf> Categories) : FittedStage("one_hot")
{
    public override ImmutableArray<StandingColumn> Apply(ImmutableArray<StandingColumn> standing)
    {
        var byColumn = Categories.ToDictionary(categories => categories.Column, StringComparer.Ordinal);
        return
        [
            .. standing.SelectMany(column => byColumn.TryGetValue(column.Name, out var categories)
                ? categories.IndicatorNames().Select(name => new StandingColumn(name, StandingKind.Indicator))
                : [column]),
        ];
    }
}
