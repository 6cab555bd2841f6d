using System.Collections.Immutable;
using System.Globalization;
using OrleansMl.Declaration;

namespace OrleansMl.Retraining;

/// <summary>Whether rows can be learned from at all, before anything is fitted.</summary>
internal static class RowChecks
{
    public const string Code = "data_invalid";

    /// <summary>Nothing is wrong with them but that they are few.</summary>
    public const string TooFew = "insufficient_rows";

    /// <summary>The findings as one error; null: they can be learned from. What is odd and no hindrance goes into the warnings.</summary>
    public static OmlError? Check(RetrainPlan plan, RowProfile rows, ICollection<string> warnings)
    {
        var findings = ImmutableArray.CreateBuilder<OmlFault>();
        if (rows.Rows < plan.Parameters.MinRows)
            Find(TooFew, $"There are {rows.Rows} rows with a truth, and {plan.Parameters.MinRows} are needed; widen the window, wait for more outcomes, or lower params.minRows.");
        else if (plan.Target.Type == TargetType.Binary && (rows.Negatives == 0 || rows.Positives == 0))
            Find("one_class", $"All {rows.Rows} rows are of the class '{Catalog.TargetValues.ClassName(plan.Target, rows.Positives > 0 ? 1 : 0)}'; both classes of target '{plan.Target.Name}' are needed.");
        else if (rows.IsLabelConstant)
            Find("constant_target", $"The truth of target '{plan.Target.Name}' is the same in all {rows.Rows} rows; there is nothing to learn.");
        if (rows.Rows > 0 && rows.Constant.Length == plan.Model.Definition.Columns.Length)
            Find("constant_columns", $"Every column holds one value in all {rows.Rows} rows; nothing tells them apart.");
        else if (rows.Rows > 0 && !rows.Constant.IsEmpty)
            warnings.Add($"These columns hold one value in all rows, or none: {string.Join(", ", rows.Constant)}.");
        if (findings.Count == 0)
            return null;
        return new OmlError(findings is [{ Code: TooFew }] ? TooFew : Code, 422, string.Join(' ', findings.Select(finding => finding.Detail))) { Faults = findings.ToImmutable() };

        void Find(string code, FormattableString detail) => findings.Add(new OmlFault(code, detail.ToString(CultureInfo.InvariantCulture)));
    }
}
