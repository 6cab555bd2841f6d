using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>
/// Replaces each column, under its name, by the codes 0 … n−1 of its categories. Missing and unknown values are missing.
/// Numbers are the same category when they are equal as 32-bit floats. Only trainers that take missing values and
/// categories know codes from numbers; to others code 2 is twice code 1.
/// </summary>
/// <param name="Columns">Categorical or numeric.</param>
/// <param name="Categories">Doubles or strings, in the order of their codes; empty: the values of the training rows, at most 1,000, in ascending order.</param>
public sealed record OrdinalSpec(ColumnSelector Columns, ImmutableArray<object> Categories) : StageSpec("ordinal", Columns)
{
    public OrdinalSpec(ColumnSelector columns)
        : this(columns, [])
    {
    }
}
