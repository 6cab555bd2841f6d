using OrleansMl.Training;

namespace OrleansMl.Jobs.FineTune;

/// <summary>Names of the steps, in order, and how much of the whole each is.</summary>
internal static class FineTuneSteps
{
    public const string Extract = "extract";
    public const string Evaluate = "evaluate";
    public const string Register = "register";
    public const string RollOut = "rollOut";

    /// <summary>Where the steps begin and end in the whole; the program counts its own steps as one.</summary>
    private static readonly StepShares s_shares = new(new Dictionary<string, (double, double)>
    {
        [Extract] = (0, 0.1),
        [HeadWork.Embed] = (0.1, 0.95),
        [HeadWork.Learn] = (0.1, 0.95),
        [HeadWork.Write] = (0.1, 0.95),
        [Evaluate] = (0.95, 0.97),
        [Register] = (0.97, 0.99),
        [RollOut] = (0.99, 1),
    });

    /// <summary>What follows a step of the program; a pass is followed by the next one, or by none.</summary>
    public static string After(string step) => step == HeadWork.Embed ? HeadWork.Learn : step;

    /// <param name="step">What it does.</param>
    /// <param name="within">Share of the step, or of the program's own steps, 0 to 1.</param>
    public static double Fraction(string step, double within) => s_shares.Fraction(step, within);
}
