namespace OrleansMl.Learning;

/// <summary>128 bits of a row and its target: equal rows have equal ones, and of a billion others no two will.</summary>
internal static class RowFingerprint
{
    public static UInt128 Of(in Row row, double target)
    {
        var (upper, lower) = (new SplitMix64(1), new SplitMix64(2));
        Mix(ref upper, ref lower, Bits(target));
        foreach (var number in row.Numeric)
            Mix(ref upper, ref lower, Bits(number));
        foreach (var text in row.Categorical)
        {
            // A length first, so that "ab", "c" is not "a", "bc"; all that is missing is alike.
            Mix(ref upper, ref lower, (ulong)(text?.Length ?? 0));
            foreach (var character in text ?? "")
                Mix(ref upper, ref lower, character);
        }

        return new UInt128(upper.Next(), lower.Next());
    }

    private static void Mix(ref SplitMix64 upper, ref SplitMix64 lower, ulong value)
    {
        upper = new SplitMix64(upper.Next() ^ value);
        lower = new SplitMix64(lower.Next() ^ value);
    }

    /// <summary>0 and −0 are equal, and so is every missing number.</summary>
    private static ulong Bits(double value) => BitConverter.DoubleToUInt64Bits(value == 0 ? 0.0 : double.IsFinite(value) ? value : double.NaN);
}
