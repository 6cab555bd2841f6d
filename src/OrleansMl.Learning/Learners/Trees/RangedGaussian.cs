namespace OrleansMl.Learning;

/// <summary>A normal distribution with the range that was seen.</summary>
internal struct RangedGaussian
{
    public GaussianEstimate Normal;
    public double Min;
    public double Max;

    public readonly bool IsSeen => Normal.Weight > 0;

    public void Add(double value, double weight)
    {
        (Min, Max) = IsSeen ? (Math.Min(Min, value), Math.Max(Max, value)) : (value, value);
        Normal.Add(value, weight);
    }

    /// <summary>0, no evidence, while there is no variance.</summary>
    public readonly double LogDensity(double value) => GaussianEstimate.LogDensity(value, Normal.Mean, Normal.SampleVariance);

    /// <summary>Weight of what is at or under a value, by the normal within the range.</summary>
    public readonly double WeightUpTo(double value)
        => value < Min ? 0 : value >= Max ? Normal.Weight : Normal.Share(value) * Normal.Weight;

    public readonly void Write(BinaryWriter writer)
    {
        Normal.Write(writer);
        writer.Write(Min);
        writer.Write(Max);
    }

    public static RangedGaussian Read(BinaryReader reader)
        => new() { Normal = GaussianEstimate.Read(reader), Min = reader.ReadDouble(), Max = reader.ReadDouble() };
}
