using System.Numerics.Tensors;

namespace OrleansMl.Learning;

/// <summary>
/// The limited-memory quasi-Newton method of Broyden, Fletcher, Goldfarb and Shanno (Liu and Nocedal, 1989), for convex functions.
/// </summary>
/// <param name="objective">What is minimised.</param>
/// <param name="tolerance">The largest derivative at which it stops.</param>
/// <param name="maxIterations">It stops after so many steps.</param>
internal sealed class Lbfgs(ISmoothObjective objective, double tolerance, int maxIterations)
{
    private const int Memory = 10;

    /// <summary>Minimises.</summary>
    /// <param name="point">[Dimension]: where it starts.</param>
    /// <param name="onStep">Hears the steps done and the largest derivative, before the first step and after each.</param>
    /// <returns>[Dimension]: where it ended; at the minimum to the tolerance or to rounding, or where the steps were over.</returns>
    public double[] Minimize(double[] point, Action<int, double> onStep)
    {
        var pairs = new CurvaturePairs(Memory, objective.Dimension);
        var search = new WolfeSearch(objective);
        var (gradient, direction) = (new double[objective.Dimension], new double[objective.Dimension]);
        var value = objective.Evaluate(point, gradient);
        for (var steps = 0; ; steps++)
        {
            var largest = Math.Abs(TensorPrimitives.MaxMagnitude<double>(gradient));
            onStep(steps, largest);
            if (largest <= tolerance || steps == maxIterations)
                return point;
            if (!Advance(pairs, search, point, value, gradient, direction))
            {
                // What was remembered of the curvature may have misled it: once more along the gradient.
                if (pairs.Count == 0)
                    return point;
                pairs.Clear();
                if (!Advance(pairs, search, point, value, gradient, direction))
                    return point;
            }

            pairs.Add(point, search.Point, gradient, search.Gradient);
            value = search.Value;
            search.Swap(ref point, ref gradient);
        }
    }

    private static bool Advance(CurvaturePairs pairs, WolfeSearch search, double[] point, double value, double[] gradient, double[] direction)
    {
        pairs.Direction(gradient, direction);
        var slope = TensorPrimitives.Dot<double>(gradient, direction);
        return slope < 0 && search.Find(point, value, slope, direction, pairs.Count > 0 ? 1 : Math.Min(1, 1 / TensorPrimitives.Norm<double>(gradient)));
    }
}
