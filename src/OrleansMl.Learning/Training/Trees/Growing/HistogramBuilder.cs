using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OrleansMl.Learning;

/// <summary>
/// Adds up the histograms of leaves and looks for their splits, some features on each thread. Sums are exact, so the
/// larger one of two leaves is what the smaller one leaves of both.
/// </summary>
internal sealed class HistogramBuilder(BinnedRows rows, WorkThreads threads)
{
    /// <summary>Rows whose derivatives stay in the first cache while they go through the features.</summary>
    private const int BlockRows = 256;

    /// <summary>Additions under which other threads are not worth waking.</summary>
    private const int SmallWork = 40_000;

    private readonly Stack<HistogramBin[]> _spare = new();

    /// <summary>Room for a histogram of all features.</summary>
    public HistogramBin[] Rent() => _spare.TryPop(out var spare) ? spare : GC.AllocateUninitializedArray<HistogramBin>(rows.Offsets[^1]);

    public void Return(HistogramBin[] histogram) => _spare.Push(histogram);

    /// <summary>Fills a leaf's histogram, and where it has a sibling, takes it from that which it was given of their parent; then finds their best splits.</summary>
    /// <param name="leaf">The smaller one.</param>
    /// <param name="leafRows">Its rows.</param>
    /// <param name="sibling">The larger one; null: there is none.</param>
    /// <param name="gradients">[N].</param>
    /// <param name="features">Those to test.</param>
    /// <param name="finder">Weighs splits.</param>
    /// <param name="isOpen">The leaf may be split, so that its splits are to be found.</param>
    public void Find(GrowingLeaf leaf, ReadOnlyMemory<int> leafRows, GrowingLeaf? sibling, GradientPair[] gradients, int[] features, SplitFinder finder, Func<GrowingLeaf, bool> isOpen)
    {
        var work = ((long)leaf.Count * features.Length) + (4L * rows.Offsets[^1]);
        var groups = work < SmallWork ? 1 : Math.Min(features.Length, threads.Count == 1 ? 1 : threads.Count * 2);
        var bestOfLeaf = new BoostedSplit[groups];
        var bestOfSibling = new BoostedSplit[groups];
        threads.Run(groups, group =>
        {
            var own = features.AsSpan((int)((long)features.Length * group / groups)..(int)((long)features.Length * (group + 1) / groups));
            Build(leaf.Histogram!, leafRows.Span, gradients, own);
            foreach (var feature in own)
            {
                var (start, size) = (rows.Offsets[feature], rows.Offsets[feature + 1] - rows.Offsets[feature]);
                var histogram = leaf.Histogram.AsSpan(start, size);
                if (isOpen(leaf))
                    bestOfLeaf[group] = Better(bestOfLeaf[group], finder.Find(feature, rows.Features[feature], histogram, leaf.Sums, leaf.Count));
                if (sibling is null || !isOpen(sibling))
                    continue;
                Subtract(sibling.Histogram.AsSpan(start, size), histogram);
                bestOfSibling[group] = Better(bestOfSibling[group], finder.Find(feature, rows.Features[feature], sibling.Histogram.AsSpan(start, size), sibling.Sums, sibling.Count));
            }
        });
        leaf.Best = bestOfLeaf.Aggregate(Better);
        if (sibling is not null)
            sibling.Best = bestOfSibling.Aggregate(Better);
    }

    /// <summary>Of equal ones the first.</summary>
    private static BoostedSplit Better(BoostedSplit first, BoostedSplit second)
        => second.Count > 0 && (first.Count == 0 || second.Gain > first.Gain) ? second : first;

    private void Build(HistogramBin[] histogram, ReadOnlySpan<int> leafRows, GradientPair[] gradients, ReadOnlySpan<int> features)
    {
        foreach (var feature in features)
            histogram.AsSpan(rows.Offsets[feature]..rows.Offsets[feature + 1]).Clear();
        Span<Vector256<long>> staged = stackalloc Vector256<long>[BlockRows];
        var one = Vector128.CreateScalar(1L);
        ref var pairs = ref MemoryMarshal.GetArrayDataReference(gradients);
        for (var from = 0; from < leafRows.Length; from += BlockRows)
        {
            var block = leafRows.Slice(from, Math.Min(BlockRows, leafRows.Length - from));
            for (var i = 0; i < block.Length; i++)
            {
                ref var pair = ref Unsafe.Add(ref pairs, block[i]);
                staged[i] = Vector256.Create(Vector128.LoadUnsafe(ref Unsafe.As<GradientPair, long>(ref pair)), one);
            }

            foreach (var feature in features)
                Add(ref histogram[rows.Offsets[feature]], rows.Columns[feature], block, staged);
        }
    }

    private static void Add(ref HistogramBin first, byte[] column, ReadOnlySpan<int> block, ReadOnlySpan<Vector256<long>> staged)
    {
        ref var bins = ref MemoryMarshal.GetArrayDataReference(column);
        ref var row = ref MemoryMarshal.GetReference(block);
        ref var values = ref MemoryMarshal.GetReference(staged);
        for (nint i = 0; i < block.Length; i++)
        {
            ref var bin = ref Unsafe.As<HistogramBin, long>(ref Unsafe.Add(ref first, (nint)Unsafe.Add(ref bins, Unsafe.Add(ref row, i))));
            (Vector256.LoadUnsafe(ref bin) + Unsafe.Add(ref values, i)).StoreUnsafe(ref bin);
        }
    }

    private static void Subtract(Span<HistogramBin> from, ReadOnlySpan<HistogramBin> what)
    {
        var whole = MemoryMarshal.Cast<HistogramBin, Vector256<long>>(from);
        var part = MemoryMarshal.Cast<HistogramBin, Vector256<long>>(what);
        for (var i = 0; i < whole.Length; i++)
            whole[i] -= part[i];
    }
}
