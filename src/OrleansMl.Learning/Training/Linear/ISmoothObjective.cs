namespace OrleansMl.Learning;

/// <summary>A convex function with its gradient, to be minimised.</summary>
internal interface ISmoothObjective
{
    /// <summary>Numbers of a point.</summary>
    int Dimension { get; }

    /// <summary>The value at a point.</summary>
    /// <param name="point">[Dimension].</param>
    /// <param name="gradient">[Dimension], written.</param>
    double Evaluate(double[] point, double[] gradient);
}
