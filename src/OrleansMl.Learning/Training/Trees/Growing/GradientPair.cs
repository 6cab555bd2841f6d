namespace OrleansMl.Learning;

/// <summary>First and second derivative of a row's loss by the sum of its trees, each in units of its own <see cref="FixedPoint"/>.</summary>
internal readonly record struct GradientPair(long Gradient, long Hessian)
{
    public static GradientPair operator +(GradientPair left, GradientPair right) => new(left.Gradient + right.Gradient, left.Hessian + right.Hessian);

    public static GradientPair operator -(GradientPair left, GradientPair right) => new(left.Gradient - right.Gradient, left.Hessian - right.Hessian);
}
