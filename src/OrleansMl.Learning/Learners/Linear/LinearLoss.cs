namespace OrleansMl.Learning;

/// <summary>
/// Losses with their importance-invariant updates: the change u of the prediction per unit of sensitivity that following
/// the gradient continuously for a time η·weight would make (Karampatziakis and Langford, 2011).
/// </summary>
internal abstract class LinearLoss
{
    /// <summary>Under this η·q the closed form loses digits to cancellation, and its first-order limit is exact to double.</summary>
    protected const double TinyStep = 1e-6;

    public abstract double Loss(double prediction, double label);

    public abstract double Derivative(double prediction, double label);

    /// <param name="prediction">p.</param>
    /// <param name="label">y as the loss takes it.</param>
    /// <param name="step">η · weight.</param>
    /// <param name="sensitivity">q, the change of p per unit of update, &gt; 0.</param>
    public abstract double InvariantUpdate(double prediction, double label, double step, double sensitivity);

    /// <summary>A plain gradient step.</summary>
    public double PlainUpdate(double prediction, double label, double step) => -step * Derivative(prediction, label);
}

/// <summary>(p − y)².</summary>
internal sealed class SquaredLoss : LinearLoss
{
    public override double Loss(double prediction, double label) => (prediction - label) * (prediction - label);

    public override double Derivative(double prediction, double label) => 2 * (prediction - label);

    public override double InvariantUpdate(double prediction, double label, double step, double sensitivity)
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

    public override double Loss(double prediction, double label)
    {
        var margin = label * prediction;
        return margin > 0 ? Math.Log(1 + Math.Exp(-margin)) : Math.Log(1 + Math.Exp(margin)) - margin;
    }

    public override double Derivative(double prediction, double label) => -label / (1 + Math.Exp(label * prediction));

    public override double InvariantUpdate(double prediction, double label, double step, double sensitivity)
    {
        var odds = Math.Exp(label * prediction);
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
