namespace OrleansMl.Learning;

/// <summary>
/// A bin for each category of the training rows, of more than there are bins for the most frequent ones. The others, and
/// what is no code at all, are missing.
/// </summary>
internal sealed class CategoryBins : FeatureBins
{
    private readonly byte[] _bins;

    private CategoryBins(byte[] bins, int count) => (_bins, Count) = (bins, count);

    public override int Count { get; }

    public override bool IsCategorical => true;

    /// <summary>n: codes are 0 … n−1.</summary>
    public int Categories => _bins.Length;

    /// <param name="values">Codes; NaN is passed over.</param>
    /// <param name="categories">n.</param>
    /// <param name="most">Bins.</param>
    public static CategoryBins Of(ReadOnlySpan<float> values, int categories, int most)
    {
        var counts = new int[categories];
        foreach (var value in values)
        {
            if (CategoryCode.Of(value, categories) is >= 0 and var code)
                counts[code]++;
        }

        var kept = Enumerable.Range(0, categories).Where(code => counts[code] > 0).OrderByDescending(code => counts[code]).ThenBy(code => code).Take(most).Order().ToArray();
        var bins = new byte[categories];
        Array.Fill(bins, (byte)kept.Length);
        for (var bin = 0; bin < kept.Length; bin++)
            bins[kept[bin]] = (byte)bin;
        return new CategoryBins(bins, kept.Length);
    }

    public override byte BinOf(float value) => CategoryCode.Of(value, _bins.Length) is >= 0 and var code ? _bins[code] : (byte)Missing;

    /// <summary>The codes whose bins are in a set; those without a bin go with the missing ones.</summary>
    public IEnumerable<int> CodesIn(BinSet set)
    {
        for (var code = 0; code < _bins.Length; code++)
        {
            if (set.Contains(_bins[code]))
                yield return code;
        }
    }
}
