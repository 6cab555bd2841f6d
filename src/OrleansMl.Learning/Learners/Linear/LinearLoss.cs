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
    private const int MaxNewtonSteps = 64;

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
    /// Lambert's W, but without the difference of two large numbers. Newton from above on a convex function: monotone.
    /// </summary>
    private static double MarginGain(double odds, double reach)
    {
        var ratio = reach / odds;
        var gain = Math.Min(reach, ratio < 1e-4 ? ratio : Math.Log(1 + ratio));
        for (var i = 0; i < MaxNewtonSteps; i++)
        {
            var exponential = Math.Exp(gain);
            var excess = (odds * Math.Tanh(gain / 2) * (exponential + 1)) + gain - reach;
            var next = gain - (excess / ((odds * exponential) + 1));
            if (!(next < gain) || next < 0)
                break;
            gain = next;
        }

        return gain;
    }
}
