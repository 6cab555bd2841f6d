using System.Collections.Immutable;
using OrleansMl.Training;

namespace OrleansMl.Retraining;

/// <summary>Names of the steps of a retraining, in order, and how much of the whole each is.</summary>
internal static class RetrainSteps
{
    public const string Extract = "extract";
    public const string Validate = "validate";
    public const string Fit = TrainingWork.Fit;
    public const string Train = TrainingWork.Train;
    public const string Evaluate = "evaluate";
    public const string Register = "register";
    public const string RollOut = "rollOut";

    /// <summary>Shares of the whole at which the steps begin; where they are in it is scaled between.</summary>
    private static readonly ImmutableArray<(string Step, double From)> s_shares =
        [(Extract, 0), (Validate, 0.2), (Fit, 0.22), (Train, 0.25), (Evaluate, 0.8), (Register, 0.95), (RollOut, 0.98)];

    /// <summary>How far the whole is.</summary>
    /// <param name="step">What it does.</param>
    /// <param name="within">Share of the step, 0 to 1.</param>
    public static double Fraction(string step, double within)
    {
        var place = s_shares.IndexOf(s_shares.First(share => share.Step == step));
        var (from, to) = (s_shares[place].From, place + 1 < s_shares.Length ? s_shares[place + 1].From : 1);
        return from + ((to - from) * Math.Clamp(within, 0, 1));
    }
}
