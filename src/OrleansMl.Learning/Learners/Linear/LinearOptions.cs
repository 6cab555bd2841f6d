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
}
