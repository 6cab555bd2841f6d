namespace OrleansMl.Learning;

/// <summary>A test of one feature.</summary>
/// <param name="Feature">Below D: a dense feature; else D + position of a hashed one.</param>
/// <param name="IsHashed">The feature is hashed.</param>
/// <param name="Value">Dense: left when x ≤ value. Hashed: left when the place is the value and is not missing.</param>
public readonly record struct TreeTest(int Feature, bool IsHashed, double Value)
{
    /// <summary>The row goes left.</summary>
    public bool GoesLeft(in FeatureSpan x)
    {
        if (!IsHashed)
            return x.Dense[Feature] <= Value;
        var position = Feature - x.Dense.Length;
        return x.HashedValues[position] != 0 && x.HashedIndices[position] == Value;
    }
}
