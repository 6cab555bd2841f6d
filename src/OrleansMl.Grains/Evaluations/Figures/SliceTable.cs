using System.Collections.Immutable;
using System.Globalization;
using OrleansMl.Declaration;
using OrleansMl.Learning;

namespace OrleansMl.Evaluations;

/// <summary>Puts rows into the slices of a column: the commonest values, or bins of numbers.</summary>
internal static class SliceTable
{
    /// <summary>Slices of a column, at most; what is rarer counts together.</summary>
    public const int MaxValues = 20;

    /// <summary>A slice of fewer rows is marked small.</summary>
    public const int SmallBelow = 30;

    private const string Missing = "(missing)";

    /// <param name="column">The sliced column.</param>
    /// <param name="spec">How it is sliced.</param>
    /// <param name="rows">All rows.</param>
    /// <param name="place">Of the column among the rows' slices.</param>
    public static ImmutableArray<(EvaluationSlice Slice, List<EvaluatedRow> Rows)> Split(ColumnDefinition column, SliceSpec spec, List<EvaluatedRow> rows, int place)
    {
        Func<Scalar, string> name = column.IsCategorical ? value => value.IsMissing ? Missing : value.AsText()! : Binned(spec, rows, place);
        var groups = rows.GroupBy(row => name(row.Slices[place]), StringComparer.Ordinal).Select(group => (Name: group.Key, Rows: group.ToList())).ToList();

        // Bins are few by themselves; names are an open set.
        if (groups.Count > MaxValues)
        {
            groups = [.. groups.OrderByDescending(group => group.Rows.Count).ThenBy(group => group.Name, StringComparer.Ordinal)];
            var others = groups.Skip(MaxValues - 1).SelectMany(group => group.Rows).ToList();
            groups = [.. groups.Take(MaxValues - 1), (SlicedEvaluation.Others, others)];
        }

        return [.. groups.OrderBy(group => group.Name, StringComparer.Ordinal).Select(group => (new EvaluationSlice(column.Name, group.Name, group.Rows.Count < SmallBelow), group.Rows))];
    }

    private static Func<Scalar, string> Binned(SliceSpec spec, List<EvaluatedRow> rows, int place)
    {
        var edges = spec.Bins.IsEmpty ? Quantiles(spec.Quantiles, rows, place) : [.. spec.Bins];
        return value =>
        {
            var number = value.AsNumber();
            if (double.IsNaN(number))
                return Missing;
            var bin = 0;
            while (bin < edges.Length && number >= edges[bin])
                bin++;
            return $"[{(bin == 0 ? "-inf" : Text(edges[bin - 1]))}, {(bin == edges.Length ? "inf" : Text(edges[bin]))})";
        };

        static string Text(double edge) => edge.ToString("R", CultureInfo.InvariantCulture);
    }

    /// <summary>Edges between bins of about equal counts; equal ones count once.</summary>
    private static double[] Quantiles(int bins, List<EvaluatedRow> rows, int place)
    {
        double[] sorted = [.. rows.Select(row => row.Slices[place].AsNumber()).Where(double.IsFinite).Order()];
        return sorted.Length == 0 ? [] : [.. Enumerable.Range(1, bins - 1).Select(i => sorted[(int)((long)i * sorted.Length / bins)]).Distinct()];
    }
}
