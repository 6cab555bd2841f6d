namespace OrleansMl.Learning;

/// <summary>SplitMix64 (Steele, Lea and Flood, 2014): numbers from a state of 8 bytes, equal on every machine.</summary>
internal struct SeededDraw(ulong state)
{
    /// <summary>To be saved and given back.</summary>
    public ulong State { get; private set; } = state;

    /// <summary>Draws of their own for the n-th part of something seeded.</summary>
    public static SeededDraw For(long seed, long part)
    {
        // Mixed once each, so that neighbouring seeds and parts share nothing.
        var first = new SeededDraw(unchecked((ulong)seed));
        var second = new SeededDraw(first.Next() ^ unchecked((ulong)part * 0x9E3779B97F4A7C15));
        return new SeededDraw(second.Next());
    }

    public ulong Next()
    {
        State = unchecked(State + 0x9E3779B97F4A7C15);
        var z = State;
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
        return z ^ (z >> 31);
    }

    /// <summary>In [0, 1), 53 bits.</summary>
    public double Uniform() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Standard normal (Box and Muller, 1958).</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - Uniform())) * Math.Cos(2 * Math.PI * Uniform());

    /// <summary>Poisson (Knuth): for small means.</summary>
    public int Poisson(double mean)
    {
        var (limit, product, count) = (Math.Exp(-mean), Uniform(), 0);
        while (product > limit)
        {
            product *= Uniform();
            count++;
        }

        return count;
    }
}
