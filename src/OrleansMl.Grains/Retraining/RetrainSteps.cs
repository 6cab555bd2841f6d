using OrleansMl.Jobs;
using OrleansMl.Training;

namespace OrleansMl.Retraining;

/// <summary>Names of the steps of a retraining, in order (tune only where parameters are searched for), and how much of the whole each is.</summary>
internal static class RetrainSteps
{
    public const string Extract = "extract";
    public const string Validate = "validate";
    public const string Fit = TrainingWork.Fit;
    public const string Tune = TrainingWork.Tune;
    public const string Train = TrainingWork.Train;
    public const string Evaluate = "evaluate";
    public const string Register = "register";
    public const string RollOut = "rollOut";

    /// <summary>Where the steps begin and end in the whole; the program that trains counts its own steps as one.</summary>
    private static readonly StepShares s_shares = new(new Dictionary<string, (double, double)>
    {
        [Extract] = (0, 0.2),
        [Validate] = (0.2, 0.22),
        [Fit] = (0.22, 0.8),
        [Tune] = (0.22, 0.8),
        [Train] = (0.22, 0.8),
        [Evaluate] = (0.8, 0.95),
        [Register] = (0.95, 0.98),
        [RollOut] = (0.98, 1),
    });

    /// <summary>What follows a step of the program.</summary>
    /// <param name="step">Is done.</param>
    /// <param name="tunes">Parameters are searched for.</param>
    public static string After(string step, bool tunes) => step switch
    {
        Fit when tunes => Tune,
        Fit or Tune => Train,
        TrainingWork.Judge => Evaluate,
        _ => step,
    };

    /// <summary>How far the whole is.</summary>
    /// <param name="step">What it does.</param>
    /// <param name="within">Share of the step, or of the program's own steps, 0 to 1.</param>
    public static double Fraction(string step, double within) => s_shares.Fraction(step, within);
}
