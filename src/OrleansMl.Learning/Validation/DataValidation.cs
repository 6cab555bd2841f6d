using System.Collections.Immutable;
using System.Globalization;

namespace OrleansMl.Learning;

/// <summary>Looks at rows before anything is fitted: whether they can be learned from, whether a column gives the answer away, whether they are like what is served.</summary>
public static class DataValidation
{
    /// <summary>With fewer rows, trained or served, nothing can be said of skew.</summary>
    public const int LeastServed = 50;

    /// <summary>Checks rows.</summary>
    /// <exception cref="ArgumentException">Rows and targets are not as many.</exception>
    public static DataReport Check(ValidatedData data, DataValidationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Rows.Count != data.Targets.Length)
            throw new ArgumentException($"There are {data.Rows.Count} rows and {data.Targets.Length} targets.", nameof(data));
        options ??= new DataValidationOptions();
        var findings = new List<DataFinding>();
        var log = new FindingLog(options, findings);
        if (SchemaFits(data, log) && TargetCheck.Check(data, options, log) && data.Rows.Count > 0)
        {
            foreach (var column in data.Schema.Columns)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var values = ColumnValues.Of(data.Schema, column.Name, data.Rows);
                ColumnCheck.Check(values, data, options, log);
                LeakageCheck.Check(values, data, options, log);
            }

            CheckDuplicates(data, options, log);
            if (data.Served is { Count: > 0 } served)
                SkewCheck.Check(data, served, options, log, cancellationToken);
        }

        return new DataReport(data.Rows.Count, [.. findings.OrderByDescending(finding => finding.Severity)]);
    }

    private static bool SchemaFits(ValidatedData data, FindingLog log)
    {
        var before = log.Count;
        foreach (var column in data.Expected?.Columns ?? [])
        {
            var index = data.Schema.IndexOf(column.Name);
            if (index < 0)
                log.Add(DataChecks.Schema, column.Name, 0, null, $"The rows have no column '{column.Name}' ({Text(column.Kind)}), which the model takes; they have {string.Join(", ", data.Schema.Columns.Select(other => other.Name))}.");
            else if (data.Schema.Columns[index].Kind != column.Kind)
                log.Add(DataChecks.Schema, column.Name, 0, null, $"Column '{column.Name}' of the rows is {Text(data.Schema.Columns[index].Kind)}; the model takes it as {Text(column.Kind)}.");
        }

        for (var row = 0; row < data.Rows.Count; row++)
        {
            var (numbers, texts) = (data.Rows[row].Numeric.Length, data.Rows[row].Categorical.Length);
            if (numbers == data.Schema.NumericCount && texts == data.Schema.CategoricalCount)
                continue;
            log.Add(DataChecks.Schema, null, row, null, $"Row {row} holds {numbers} numbers and {texts} texts; the columns are {data.Schema.NumericCount} and {data.Schema.CategoricalCount}.");
            break;
        }

        return log.Count == before;
    }

    private static void CheckDuplicates(ValidatedData data, DataValidationOptions options, FindingLog log)
    {
        var seen = new HashSet<UInt128>(data.Rows.Count);
        var duplicates = 0;
        for (var row = 0; row < data.Rows.Count; row++)
            duplicates += seen.Add(RowFingerprint.Of(data.Rows[row], data.Targets[row])) ? 0 : 1;
        var share = (double)duplicates / data.Rows.Count;
        if (share > options.Duplicates)
            log.Add(DataChecks.Duplicates, null, share, options.Duplicates, $"{Percent(share)} of the rows are there before, target and all, over the limit of {Percent(options.Duplicates)}; they weigh double, and a copy among the test rows flatters the model. Remove them.");
    }

    internal static string Percent(double share) => (100 * share).ToString("0.##", CultureInfo.InvariantCulture) + " %";

    private static string Text(ColumnKind kind) => kind == ColumnKind.Numeric ? "numeric" : "categorical";
}
