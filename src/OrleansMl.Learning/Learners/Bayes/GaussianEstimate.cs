namespace OrleansMl.Learning;

/// <summary>A normal distribution learned value by value (Welford's update with weights).</summary>
internal struct GaussianEstimate
{
    /// <summary>Sum of the weights.</summary>
    public double Weight;

    public double Mean;

    /// <summary>Weighted sum of squared deviations.</summary>
    public double Deviations;

    /// <summary>Over n − 1, as the trees of MOA and River take it; 0 while there is none.</summary>
    public readonly double SampleVariance => Weight > 1 ? Deviations / (Weight - 1) : 0;

    /// <summary>Over n, as River's naive Bayes takes it; 0 while there is none.</summary>
    public readonly double Variance => Weight > 0 ? Deviations / Weight : 0;

    public void Add(double value, double weight)
    {
        Weight += weight;
        var before = Mean;
        Mean += weight / Weight * (value - before);
        Deviations += weight * (value - before) * (value - Mean);
    }

    /// <summary>The density at a value; 0 where the variance is 0.</summary>
    public static double Density(double value, double mean, double variance)
        => variance > 0 ? Math.Exp((value - mean) * (value - mean) / (-2 * variance)) / Math.Sqrt(Math.Tau * variance) : 0;

    /// <summary>Logarithm of the density, without underflow; 0, no evidence, where the variance is 0.</summary>
    public static double LogDensity(double value, double mean, double variance)
        => variance > 0 ? ((value - mean) * (value - mean) / (-2 * variance)) - (0.5 * Math.Log(Math.Tau * variance)) : 0;

    /// <summary>Share of what lies under a value; 0 where the variance is 0.</summary>
    public readonly double Share(double value)
        => Math.Sqrt(SampleVariance) * Math.Sqrt(2) is > 0 and var scale ? 0.5 * (1 + MathNet.Numerics.SpecialFunctions.Erf((value - Mean) / scale)) : 0;

    public readonly void Write(BinaryWriter writer)
    {
        writer.Write(Weight);
        writer.Write(Mean);
        writer.Write(Deviations);
    }

    public static GaussianEstimate Read(BinaryReader reader)
        => new() { Weight = reader.ReadDouble(), Mean = reader.ReadDouble(), Deviations = reader.ReadDouble() };
}
