using OrleansMl.Learning;

namespace OrleansMl.Training;

/// <summary>The validation of the rows of a training.</summary>
internal static class DataWork
{
    /// <summary>The report; lies beside the plan.</summary>
    public const string ReportFile = "data.json";

    public const string Code = "data_invalid";

    /// <summary>Checks all rows, also against those that were served lately (null: none), says what is odd and writes the report.</summary>
    /// <exception cref="WorkException">Nothing should be trained on them.</exception>
    public static void Check(TrainingPlan plan, LabelledRow[] rows, Row[]? served, string file, TextWriter output, CancellationToken cancellationToken)
    {
        var data = new ValidatedData(new RowSchema(plan.Columns), Array.ConvertAll(rows, row => row.Row), Array.ConvertAll(rows, row => row.Label), plan.Target, plan.ClassLabels) { Ranges = plan.Ranges, Served = served };
        var report = DataValidation.Check(data, Options(plan), cancellationToken);
        File.WriteAllText(file, report.ToJson());
        foreach (var finding in report.Findings.Where(finding => finding.Severity == FindingSeverity.Warning))
            output.WriteLine(WorkWords.Warning(finding.Detail));
        if (report.Reason is { } reason)
            throw new WorkException(Code, reason);
    }

    /// <summary>A limit that the model states is an error; how many rows are needed was asked before.</summary>
    private static DataValidationOptions Options(TrainingPlan plan)
    {
        var options = new DataValidationOptions { MinRows = RowSplit.Fewest };
        if (plan.Validate?.Leakage is { } leakage)
            options = options with { Leakage = leakage };
        if (plan.Validate?.Missing is { } missing)
            options = options with { Missing = missing, Errors = options.Errors.Add(DataChecks.Missing) };
        if (plan.Validate?.Duplicates is { } duplicates)
            options = options with { Duplicates = duplicates, Errors = options.Errors.Add(DataChecks.Duplicates) };
        if (plan.Validate?.Balance is { } balance)
            options = options with { Balance = balance, Errors = options.Errors.Add(DataChecks.Balance) };
        if (plan.Validate?.Skew is { } skew)
            options = options with { Skew = skew, Errors = options.Errors.Add(DataChecks.Skew) };
        return options;
    }
}
