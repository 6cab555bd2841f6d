using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>Replaces each column, in its place and under its name, by the codes of its categories.</summary>
public sealed record OrdinalStage(ImmutableArray<CategoriesOf> Categories) : FittedStage("ordinal")
{
    public override ImmutableArray<StandingColumn> Apply(ImmutableArray<StandingColumn> standing)
    {
        var byColumn = Categories.ToDictionary(categories => categories.Column, StringComparer.Ordinal);
        return [.. standing.Select(column => byColumn.TryGetValue(column.Name, out var categories) ? new StandingColumn(column.Name, StandingKind.Code) { Categories = categories.Count } : column)];
    }
}
