namespace OrleansMl.Learning;

/// <summary>
/// A generator of one word of state (Steele, Lea and Flood 2014), for draws that must come out the same everywhere and
/// go on after a restore. Not for secrets.
/// </summary>
internal struct SplitMix64(ulong state)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    /// <summary>All there is to save.</summary>
    public ulong State { get; private set; } = state;

    /// <summary>The generator of one decision: equal keys draw equal numbers, whatever was drawn before.</summary>
    public static SplitMix64 For(ulong seed, ulong key) => new(Mix(seed + Golden) ^ Mix(key));

    public ulong Next() => Mix(State += Golden);

    /// <summary>In [0, 1), of 53 bits.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>In [0, bound). The bias of the multiplication is below bound/2^64.</summary>
    public int Next(int bound) => (int)Math.BigMul(Next(), (ulong)bound, out _);

    /// <summary>In [0, bound), for counts that an int does not hold.</summary>
    public long Next(long bound) => (long)Math.BigMul(Next(), (ulong)bound, out _);

    /// <summary>Fisher and Yates.</summary>
    public void Shuffle(Span<int> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Next(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
