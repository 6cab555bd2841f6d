using System.Collections.Immutable;
using System.Globalization;
using OrleansMl.Declaration;

namespace OrleansMl.Trainers;

/// <summary>Which slices a row is of, by name: <c>segment=gold</c>, <c>price&lt;10</c>, <c>10&lt;=price&lt;20</c>, <c>price&gt;=20</c>.</summary>
internal sealed class SliceNames(ImmutableArray<SliceDefinition> slices)
{
    /// <summary>Characters of a value in a name; longer ones share a slice by their beginning.</summary>
    private const int MaxValue = 64;

    private readonly string[][] _bins = [.. slices.Select(NamesOf)];

    public int Count => slices.Length;

    /// <summary>Writes one name for each declared slice.</summary>
    public void Fill(LabeledExample example, Span<string> names) => Fill(example.Columns, example.Values, names);

    /// <summary>Writes one name for each declared slice.</summary>
    public void Fill(ImmutableArray<string> columns, ImmutableArray<Scalar> values, Span<string> names)
    {
        for (var i = 0; i < slices.Length; i++)
        {
            var at = columns.IndexOf(slices[i].Column);
            names[i] = Name(i, at < 0 ? Scalar.Missing : values[at]);
        }
    }

    private string Name(int slice, Scalar value)
    {
        var (column, bins) = slices[slice];
        if (value.AsText() is not { } text || (!bins.IsEmpty && double.IsNaN(value.AsNumber())))
            return column + " missing";
        if (bins.IsEmpty)
            return $"{column}={(text.Length <= MaxValue ? text : text[..MaxValue])}";
        var bin = 0;
        while (bin < bins.Length && value.AsNumber() >= bins[bin])
            bin++;
        return _bins[slice][bin];
    }

    private static string[] NamesOf(SliceDefinition slice)
    {
        var (column, bins) = slice;
        static string N(double number) => number.ToString("R", CultureInfo.InvariantCulture);
        return bins.IsEmpty
            ? []
            : [.. Enumerable.Range(0, bins.Length + 1).Select(i => i == 0 ? $"{column}<{N(bins[0])}" : i == bins.Length ? $"{column}>={N(bins[^1])}" : $"{N(bins[i - 1])}<={column}<{N(bins[i])}")];
    }
}
