namespace OrleansMl.Learning;

/// <summary>Keeps gradients that would spoil the state for good away from it.</summary>
internal static class GradientGuard
{
    /// <summary>The gradient within ±<paramref name="limit"/>.</summary>
    /// <exception cref="LearnerException">Not finite.</exception>
    public static double Clip(double gradient, double limit, string type, long examples)
        => double.IsFinite(gradient)
            ? Math.Clamp(gradient, -limit, limit)
            : throw new LearnerException($"After {examples} examples the gradient of {type} is {gradient}, so this one was not learned: lower the step size or the importance weight, or scale the features.");
}
