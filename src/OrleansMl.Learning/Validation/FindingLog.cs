namespace OrleansMl.Learning;

/// <summary>Takes findings down with the severity of their check.</summary>
internal sealed class FindingLog(DataValidationOptions options, List<DataFinding> findings)
{
    public int Count => findings.Count;

    public void Add(string check, string? column, double value, double? limit, FormattableString detail)
        => findings.Add(new DataFinding(check, column, options.Errors.Contains(check) ? FindingSeverity.Error : FindingSeverity.Warning, value, limit, FormattableString.Invariant(detail)));
}
