namespace OrleansMl.Learning;

/// <summary>What every learner refuses before anything changes.</summary>
internal static class RowCheck
{
    /// <summary>Larger features are refused: their squares and products would overflow and spoil the state for good.</summary>
    public const double LargestFeature = 1e100;

    /// <summary>Sums of larger ones would swallow all that weigh 1.</summary>
    public const double LargestWeight = 1e12;

    /// <exception cref="ArgumentException">The row has another shape.</exception>
    public static void Shape(in FeatureSpan x, int denseCount, int tableSize)
    {
        if (x.Dense.Length != denseCount)
            throw new ArgumentException($"The row holds {x.Dense.Length} dense features; the learner was made for {denseCount}.", nameof(x));
        if (x.HashedIndices.Length != x.HashedValues.Length || (x.HashedIndices.Length > 0 && tableSize == 0))
            throw new ArgumentException($"The row holds {x.HashedIndices.Length} hashed indices and {x.HashedValues.Length} values; the learner's table has {tableSize} places.", nameof(x));
        foreach (var index in x.HashedIndices)
        {
            if ((uint)index >= (uint)tableSize)
                throw new ArgumentException($"Hashed index {index} is outside the table of {tableSize} places.", nameof(x));
        }
    }

    /// <exception cref="ArgumentException">The row has not K hashed features.</exception>
    public static void HashedCount(in FeatureSpan x, int count)
    {
        if (x.HashedIndices.Length != count)
            throw new ArgumentException($"The row holds {x.HashedIndices.Length} hashed features; the learner was made for {count}.", nameof(x));
    }

    /// <exception cref="ArgumentOutOfRangeException">A feature is not finite, or too large.</exception>
    public static void Values(in FeatureSpan x)
    {
        Values(x.Dense);
        Values(x.HashedValues);
    }

    /// <exception cref="ArgumentOutOfRangeException">Not in (0, 1e12].</exception>
    public static void Weight(double weight)
    {
        if (!(weight > 0) || weight > LargestWeight)
            throw new ArgumentOutOfRangeException(nameof(weight), weight, "An importance weight must be > 0 and at most 1e12.");
    }

    /// <param name="label">The class, or the value.</param>
    /// <param name="classes">0: a value.</param>
    /// <param name="type">Of the learner.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not finite, or no class.</exception>
    public static void Label(double label, int classes, string type)
    {
        if (classes == 0)
        {
            if (!double.IsFinite(label))
                throw new ArgumentOutOfRangeException(nameof(label), label, "A label must be finite.");
        }
        else if (!(label >= 0) || label >= classes || label != Math.Floor(label))
        {
            throw new ArgumentOutOfRangeException(nameof(label), label, classes == 2 ? $"A label of {type} is 0 or 1." : $"A label of {type} is a class: a whole number from 0 to {classes - 1}.");
        }
    }

    private static void Values(ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            if (!(Math.Abs(value) <= LargestFeature))
                throw new ArgumentOutOfRangeException("x", value, "A feature must be finite and at most 1e100 in size; clip the column.");
        }
    }
}
