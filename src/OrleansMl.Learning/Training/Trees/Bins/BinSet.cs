using System.Runtime.CompilerServices;

namespace OrleansMl.Learning;

/// <summary>A set of bins 0 … 255.</summary>
[InlineArray(4)]
internal struct BinSet
{
    private ulong _word;

    /// <summary>Bins 0 … last.</summary>
    public static BinSet UpTo(int last)
    {
        var set = default(BinSet);
        for (var bin = 0; bin <= last; bin++)
            set.Add(bin);
        return set;
    }

    public void Add(int bin) => this[bin >> 6] |= 1UL << (bin & 63);

    public readonly bool Contains(int bin) => (this[bin >> 6] & (1UL << (bin & 63))) != 0;
}
