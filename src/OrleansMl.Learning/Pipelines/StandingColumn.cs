using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>Kind of a column between two stages.</summary>
public enum StandingKind : byte
{
    Numeric,

    /// <summary>0 or 1, made by one_hot; not selected by <c>numeric</c>.</summary>
    Indicator,

    Categorical,

    /// <summary>Codes of categories, made by ordinal; not selected by <c>numeric</c>.</summary>
    Code,
}

/// <summary>A column as it stands between two stages.</summary>
public sealed record StandingColumn(string Name, StandingKind Kind)
{
    /// <summary>True for columns that hold a number.</summary>
    public bool IsNumber => Kind != StandingKind.Categorical;

    /// <summary>n where it holds codes 0 … n−1 of categories; 0 where it does not, as after a stage that changed the codes.</summary>
    public int Categories { get; init; }

    /// <summary>Columns after some of them were computed anew: those hold no codes any more.</summary>
    internal static ImmutableArray<StandingColumn> Recomputed(ImmutableArray<StandingColumn> standing, IEnumerable<string> columns)
    {
        var changed = columns.ToHashSet(StringComparer.Ordinal);
        return [.. standing.Select(column => column.Categories > 0 && changed.Contains(column.Name) ? column with { Categories = 0 } : column)];
    }
}
