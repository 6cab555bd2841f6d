using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>Options of <see cref="LinearLearner"/>, with Vowpal Wabbit's defaults.</summary>
public sealed record LinearOptions
{
    /// <summary>η, in (0, 100]. Default 0.5. Without both adaptive and normalized, Vowpal Wabbit would take 10.</summary>
    public double LearningRate { get; init; } = 0.5;

    /// <summary>Exponent of the rate's decay, in [0, 1]. Default 0.5.</summary>
    public double PowerT { get; init; } = 0.5;

    /// <summary>A rate per weight, from its sum of squared gradients (AdaGrad).</summary>
    public bool Adaptive { get; init; } = true;

    /// <summary>Rates that do not depend on the scale of the features (Ross, Mineiro and Langford, 2013).</summary>
    public bool Normalized { get; init; } = true;

    /// <summary>Closed-form updates that never overshoot (Karampatziakis and Langford, 2011); weight 2 equals learning twice.</summary>
    public bool Invariant { get; init; } = true;

    /// <summary>Strength of the L2 penalty, in [0, 1). It shrinks the bias too. Default 0.</summary>
    public double L2 { get; init; }

    /// <summary>linear_regression: predictions are limited to the labels seen so far and 0, as in Vowpal Wabbit.</summary>
    public bool ClipToLabelRange { get; init; } = true;

    internal static ImmutableArray<LearnerParameter> Parameters(bool logistic)
    {
        var defaults = new LinearOptions();
        ImmutableArray<LearnerParameter> common =
        [
            LearnerParameter.Number("learningRate", defaults.LearningRate, 0, 100, "step size", openMin: true),
            LearnerParameter.Number("powerT", defaults.PowerT, 0, 1, "decay of the step size"),
            LearnerParameter.Flag("adaptive", defaults.Adaptive, "steps shrink with each weight's gradients"),
            LearnerParameter.Flag("normalized", defaults.Normalized, "steps are free of the features' scales"),
            LearnerParameter.Flag("invariant", defaults.Invariant, "importance-invariant updates"),
            LearnerParameter.Number("l2", defaults.L2, 0, 1, "pull of weights towards 0", openMax: true),
        ];
        return logistic ? common : [.. common, LearnerParameter.Flag("clipToLabelRange", defaults.ClipToLabelRange, "a predicted value stays within the labels seen")];
    }

    internal static LinearOptions From(ParameterSet parameters, bool logistic) => new()
    {
        LearningRate = parameters.Number("learningRate"),
        PowerT = parameters.Number("powerT"),
        Adaptive = parameters.Flag("adaptive"),
        Normalized = parameters.Flag("normalized"),
        Invariant = parameters.Flag("invariant"),
        L2 = parameters.Number("l2"),
        ClipToLabelRange = logistic || parameters.Flag("clipToLabelRange"),
    };
}
