using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>
/// Replaces each column by one 0/1 indicator per category, named <c>column=category</c>. Missing and unknown values give
/// all zeros. Numbers are the same category when they are equal as 32-bit floats.
/// </summary>
/// <param name="Columns">Categorical or numeric.</param>
/// <param name="Categories">Doubles or strings; empty: the values of the training rows, at most 1,000, in ascending order.</param>
public sealed record OneHotSpec(ColumnSelector Columns, ImmutableArray<object> Categories) : StageSpec("one_hot", Columns)
{
    public OneHotSpec(ColumnSelector columns)
        : this(columns, [])
    {
    }
}
