using System.Numerics.Tensors;

namespace OrleansMl.Learning;

/// <summary>
/// Finds a step along a direction that meets the strong Wolfe conditions (Nocedal and Wright, 2006, section 3.1). On a convex
/// function the slope only grows along the direction, so that every step that fails bounds the search from one side.
/// </summary>
internal sealed class WolfeSearch(ISmoothObjective objective)
{
    private const double Decrease = 1e-4;
    private const double Flatness = 0.9;
    private const int MostEvaluations = 40;

    /// <summary>Differences of values under this share are rounding; the slope decides then (Hager and Zhang, 2005).</summary>
    private const double Rounding = 1e-14;

    /// <summary>The point that was found.</summary>
    public double[] Point { get; private set; } = new double[objective.Dimension];

    /// <summary>The gradient there.</summary>
    public double[] Gradient { get; private set; } = new double[objective.Dimension];

    /// <summary>The value there.</summary>
    public double Value { get; private set; }

    /// <summary>False: no step makes the value smaller, but for rounding.</summary>
    /// <param name="from">The point to start from.</param>
    /// <param name="value">The value there.</param>
    /// <param name="slope">Along the direction there, &lt; 0.</param>
    /// <param name="direction">Where to.</param>
    /// <param name="step">The first step to try.</param>
    public bool Find(double[] from, double value, double slope, double[] direction, double step)
    {
        var (low, lowSlope, high, highSlope) = (0.0, slope, double.PositiveInfinity, double.NaN);
        for (var evaluation = 0; evaluation < MostEvaluations; evaluation++)
        {
            TensorPrimitives.MultiplyAdd(direction, step, from, Point);
            Value = objective.Evaluate(Point, Gradient);
            var here = TensorPrimitives.Dot<double>(Gradient, direction);
            var decreased = Value <= value + (Decrease * step * slope)
                || (Value <= value + (Rounding * Math.Abs(value)) && here <= ((2 * Decrease) - 1) * slope);
            if (decreased && Math.Abs(here) <= Flatness * -slope)
                return true;
            if (!decreased || !(here < 0))
                (high, highSlope) = (step, here);
            else
                (low, lowSlope) = (step, here);
            step = Next(low, lowSlope, high, highSlope);
            if (double.IsFinite(high) && !(high - low > 1e-16 * high))
                return false;
        }

        return false;
    }

    /// <summary>Gives the found point and gradient away, and takes two arrays for the next search.</summary>
    public void Swap(ref double[] point, ref double[] gradient) => ((point, Point), (gradient, Gradient)) = ((Point, point), (Gradient, gradient));

    /// <summary>Where the line through both slopes is 0, kept off the ends.</summary>
    private static double Next(double low, double lowSlope, double high, double highSlope)
    {
        if (double.IsPositiveInfinity(high))
            return low * 4;
        var width = high - low;
        var secant = low + (width * lowSlope / (lowSlope - highSlope));
        return double.IsFinite(secant) && highSlope > 0 ? Math.Clamp(secant, low + (0.1 * width), high - (0.1 * width)) : low + (0.5 * width);
    }
}
