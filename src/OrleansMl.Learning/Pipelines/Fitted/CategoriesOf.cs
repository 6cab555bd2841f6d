using System.Collections.Immutable;
using System.Globalization;

namespace OrleansMl.Learning;

/// <summary>Categories of a column: numbers of a numeric one, texts of a categorical one; the other is empty.</summary>
public readonly record struct CategoriesOf(string Column, ImmutableArray<double> Numbers, ImmutableArray<string> Texts)
{
    /// <summary>How many there are.</summary>
    public int Count => Numbers.Length + Texts.Length;

    /// <summary>Names of the indicators, <c>column=category</c>.</summary>
    public IEnumerable<string> IndicatorNames()
    {
        var column = Column;
        return Numbers.Select(number => $"{column}={number.ToString("R", CultureInfo.InvariantCulture)}").Concat(Texts.Select(text => $"{column}={text}"));
    }
}
