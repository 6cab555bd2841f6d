namespace OrleansMl.Learning;

/// <summary>What a column's values are like, whatever the target.</summary>
internal static class ColumnCheck
{
    /// <summary>In fewer rows, values that all differ mean nothing.</summary>
    private const int LeastForUnique = 100;

    public static void Check(ColumnValues column, ValidatedData data, DataValidationOptions options, FindingLog log)
    {
        var (missing, distinct) = (column.Missing(), column.Distinct());
        var present = column.Count - missing;
        var share = (double)missing / column.Count;
        if (share > options.Missing)
            log.Add(DataChecks.Missing, column.Name, share, options.Missing, $"Column '{column.Name}' is missing in {DataValidation.Percent(share)} of the rows, over the limit of {DataValidation.Percent(options.Missing)}; look at its source, or leave it out.");
        if (distinct <= 1 && (missing == 0 || present == 0))
            log.Add(DataChecks.Constant, column.Name, distinct, null, $"Column '{column.Name}' holds {(distinct == 0 ? "no value" : "one value in all rows")}; nothing can be learned from it. Leave it out.");
        if (column.Texts is not null && present >= LeastForUnique && distinct > options.Unique * present)
            log.Add(DataChecks.Unique, column.Name, (double)distinct / present, options.Unique, $"Column '{column.Name}' is another in {DataValidation.Percent((double)distinct / present)} of the rows, as an id is; it tells rows apart and nothing about new ones. Leave it out, or take what it stands for.");
        if (column.Numbers is { } numbers && data.Ranges.FirstOrDefault(range => range.Column == column.Name) is { } range)
            CheckRange(column.Name, numbers, present, range, options, log);
    }

    private static void CheckRange(string name, double[] numbers, int present, ColumnRange range, DataValidationOptions options, FindingLog log)
    {
        var outside = numbers.Count(number => number < range.Min || number > range.Max);
        var share = outside / (double)Math.Max(1, present);
        if (share > options.OutOfRange)
            log.Add(DataChecks.Range, name, share, options.OutOfRange, $"Column '{name}' is outside its declared range [{(object?)range.Min ?? "−∞"}, {(object?)range.Max ?? "∞"}] in {outside} of {present} rows (from {numbers.Where(number => !double.IsNaN(number)).Min()} to {numbers.Where(number => !double.IsNaN(number)).Max()}), over the limit of {DataValidation.Percent(options.OutOfRange)}; mend the source, or the range.");
    }
}
