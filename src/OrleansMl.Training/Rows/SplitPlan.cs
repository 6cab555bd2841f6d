namespace OrleansMl.Training;

/// <summary>Which rows a model is fitted on, and which it is judged on.</summary>
/// <param name="By"><c>time</c>: the newest rows are the test, those before them the validation; <c>random</c>: by the seed.</param>
/// <param name="Test">Share of the test, in (0, 1).</param>
/// <param name="Validation">Share of the rows that early stopping, tuning and calibration are judged on, in [0, 1); with the test less than 1.</param>
/// <param name="Gap">Rows between the parts of a split by time that are in none, ≥ 0: at least the delay of the outcomes, or labels leak.</param>
public sealed record SplitPlan(string By, double Test, double Validation, int Gap = 0)
{
    public const string Time = "time";
    public const string Random = "random";

    public static SplitPlan Default { get; } = new(Time, 0.2, 0.2);
}
