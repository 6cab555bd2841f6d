namespace OrleansMl.Learning;

/// <summary>Losses of one prediction.</summary>
public static class Losses
{
    /// <summary>Probabilities are limited to [ε, 1 − ε], ε = 2^−52, as scikit-learn does for doubles.</summary>
    public const double ProbabilityEpsilon = 2.220446049250313e-16;

    /// <summary>−ln of the probability given to what happened; in [0, 36.04].</summary>
    /// <param name="probability">Of the positive class.</param>
    /// <param name="label">0 or 1.</param>
    public static double LogLoss(double probability, double label)
    {
        var limited = Math.Clamp(probability, ProbabilityEpsilon, 1 - ProbabilityEpsilon);
        return label > 0.5 ? -Math.Log(limited) : -Math.Log(1 - limited);
    }

    /// <summary>1 where p ≥ 0.5 says the label, else 0.</summary>
    public static double Correct(double probability, double label) => (probability >= 0.5) == (label > 0.5) ? 1 : 0;

    /// <summary>(p − y)²; of probabilities the Brier score.</summary>
    public static double SquaredError(double prediction, double label) => (prediction - label) * (prediction - label);

    /// <summary>|p − y|.</summary>
    public static double AbsoluteError(double prediction, double label) => Math.Abs(prediction - label);
}
