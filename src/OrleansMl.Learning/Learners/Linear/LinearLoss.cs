namespace OrleansMl.Learning;

/// <summary>
/// Losses with their importance-invariant updates: the change u of the prediction per unit of sensitivity that following
/// the gradient continuously for a time η·weight would make (Karampatziakis and Langford, 2011).
/// </summary>
internal abstract class LinearLoss
{
    /// <summary>Under this η·q the closed form loses digits to cancellation, and its first-order limit is exact to double.</summary>
    protected const double TinyStep = 1e-6;

    /// <summary>The loss is more than 0: there is something to learn.</summary>
    public abstract bool IsPositive(double prediction, double label);

    /// <param name="prediction">p.</param>
    /// <param name="label">y as the loss takes it.</param>
    /// <param name="odds">e^(y·p) where the loss has them, for the update that follows: an exponential is dear.</param>
    public abstract double Derivative(double prediction, double label, out double odds);

    /// <param name="prediction">p.</param>
    /// <param name="label">y as the loss takes it.</param>
    /// <param name="step">η · weight.</param>
    /// <param name="sensitivity">q, the change of p per unit of update, &gt; 0.</param>
    /// <param name="odds">As <see cref="Derivative"/> gave them.</param>
    public abstract double InvariantUpdate(double prediction, double label, double step, double sensitivity, double odds);
}

/// <summary>(p − y)².</summary>
internal sealed class SquaredLoss : LinearLoss
{
    public override bool IsPositive(double prediction, double label) => (prediction - label) * (prediction - label) > 0;

    public override double Derivative(double prediction, double label, out double odds)
    {
        odds = double.NaN;
        return 2 * (prediction - label);
    }

    public override double InvariantUpdate(double prediction, double label, double step, double sensitivity, double odds)
    {
        var reach = step * sensitivity;
        return reach < TinyStep
            ? 2 * (label - prediction) * step
            : (label - prediction) * (1 - Math.Exp(-2 * reach)) / sensitivity;
    }
}

/// <summary>ln(1 + e^(−y·p)), y = ±1.</summary>
internal sealed class LogisticLoss : LinearLoss
{
    private const int MaxSteps = 64;
    private const double LastStep = 1e-6;

    /// <summary>Under it 1 + e^−margin is more than 1 in double: the loss is seen to be positive without an exponential.</summary>
    private const double SurelyPositive = 36;

    public override bool IsPositive(double prediction, double label)
        => label * prediction is var margin && (margin < SurelyPositive || 1 + Math.Exp(-margin) > 1);

    public override double Derivative(double prediction, double label, out double odds)
    {
        odds = Math.Exp(label * prediction);
        return -label / (1 + odds);
    }

    public override double InvariantUpdate(double prediction, double label, double step, double sensitivity, double odds)
    {
        var reach = step * sensitivity;
        return reach < TinyStep ? label * step / (1 + odds) : label * MarginGain(odds, reach) / sensitivity;
    }

    /// <summary>
    /// The gain δ ≥ 0 of the margin with odds·(e^δ − 1) + δ = reach. That is W(e^(reach + y·p + odds)) − odds with
    /// Lambert's W, but without the difference of two large numbers. Halley's iteration: an error of ε becomes one of about
    /// ε³, so a step that changes less than <see cref="LastStep"/> of the gain is the last.
    /// </summary>
    private static double MarginGain(double odds, double reach)
    {
        // Of the first and second order where that is near; else what remains of the larger term alone, which is never less.
        var slope = 1 + odds;
        var gain = reach / slope;
        gain = gain < 0.5 ? gain * (1 - (odds * gain / (2 * slope))) : Math.Min(reach, Math.Log(1 + (reach / odds)));
        for (var i = 0; i < MaxSteps; i++)
        {
            var growth = ExponentialLessOne(gain);
            var excess = (odds * growth) + gain - reach;
            var curvature = odds * (growth + 1);
            slope = curvature + 1;
            var change = 2 * excess * slope / ((2 * slope * slope) - (excess * curvature));
            if (!double.IsFinite(change))
                break;
            gain = Math.Clamp(gain - change, 0, reach);
            if (Math.Abs(change) <= LastStep * gain)
                break;
        }

        return gain;
    }

    /// <summary>e^x − 1 for x ≥ 0: where the difference would lose digits by its series, of which the first left out is under 1e-17 of the whole.</summary>
    private static double ExponentialLessOne(double x) => x < 0.03
        ? x * (1 + (x * ((1.0 / 2) + (x * ((1.0 / 6) + (x * ((1.0 / 24) + (x * ((1.0 / 120) + (x * ((1.0 / 720) + (x * ((1.0 / 5040) + (x / 40320))))))))))))))
        : Math.Exp(x) - 1;
}
