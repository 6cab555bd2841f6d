namespace OrleansMl.Learning;

/// <summary>One column of many rows.</summary>
/// <param name="Name">The column.</param>
/// <param name="Numbers">[N]; NaN is missing. Null: it is of texts.</param>
/// <param name="Texts">[N]; null is missing. Null: it is of numbers.</param>
internal sealed record ColumnValues(string Name, double[]? Numbers, string?[]? Texts)
{
    public int Count => Numbers?.Length ?? Texts!.Length;

    public static ColumnValues Of(RowSchema schema, string name, IReadOnlyList<Row> rows)
    {
        var index = schema.IndexOf(name);
        var slot = schema.SlotOf(index);
        if (schema.Columns[index].Kind == ColumnKind.Categorical)
            return new ColumnValues(name, null, [.. rows.Select(row => row.Categorical[slot] is { Length: > 0 } text ? text : null)]);
        return new ColumnValues(name, [.. rows.Select(row => double.IsFinite(row.Numeric[slot]) ? row.Numeric[slot] : double.NaN)], null);
    }

    public bool IsMissing(int row) => Numbers is null ? Texts![row] is null : double.IsNaN(Numbers[row]);

    public int Missing()
    {
        var missing = 0;
        for (var row = 0; row < Count; row++)
            missing += IsMissing(row) ? 1 : 0;
        return missing;
    }

    /// <summary>Different values, the missing apart.</summary>
    public int Distinct() => Numbers is null
        ? Texts!.OfType<string>().Distinct(StringComparer.Ordinal).Count()
        : Numbers.Where(number => !double.IsNaN(number)).Distinct().Count();
}
