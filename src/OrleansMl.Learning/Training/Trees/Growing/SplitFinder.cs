namespace OrleansMl.Learning;

/// <summary>Finds the best split of a leaf by one feature from its histogram.</summary>
/// <param name="options">Limits of leaves.</param>
/// <param name="gradient">Units of the gradients.</param>
/// <param name="hessian">Units of the second derivatives.</param>
internal sealed class SplitFinder(BoostingOptions options, FixedPoint gradient, FixedPoint hessian)
{
    /// <summary>
    /// What scikit-learn takes as support and smoothing: categories of fewer rows' worth of weight are not sorted in, and
    /// go right; the others are sorted by gradient / (second derivative + this).
    /// </summary>
    private const double CategorySupport = 10;

    private enum Verdict
    {
        Worse,
        Best,
        NoMore,
    }

    private BoostingOptions Options => options;

    private FixedPoint Gradient => gradient;

    private FixedPoint Hessian => hessian;

    /// <summary>Value of a leaf before shrinkage: what lessens the approximated loss most.</summary>
    public double LeafStep(GradientPair sums)
    {
        var curvature = hessian.Real(sums.Hessian) + options.L2;
        return curvature > 0 ? -gradient.Real(sums.Gradient) / curvature : 0;
    }

    /// <summary>The best split, or one of gain 0.</summary>
    /// <param name="feature">Its number.</param>
    /// <param name="bins">Of the feature.</param>
    /// <param name="histogram">Of the feature over the leaf's rows, the bin of missing values last.</param>
    /// <param name="sums">Over the leaf's rows.</param>
    /// <param name="count">Rows of the leaf.</param>
    public BoostedSplit Find(int feature, FeatureBins bins, ReadOnlySpan<HistogramBin> histogram, GradientPair sums, int count)
    {
        var scan = new Scan(this, feature, sums, count);
        if (bins.IsCategorical)
            ScanCategories(ref scan, bins, histogram);
        else
            ScanNumbers(ref scan, bins, histogram);
        return scan.Best;
    }

    private static void ScanNumbers(ref Scan scan, FeatureBins bins, ReadOnlySpan<HistogramBin> histogram)
    {
        var missing = histogram[bins.Missing];

        // Missing values right: with some there, the last bin parts them from all others.
        var last = bins.Count - (missing.Count > 0 ? 0 : 1);
        if (ScanUp(ref scan, histogram[..last], default) is >= 0 and var right)
            scan.Take(right, MissingLeft(scan, bins, missing, right, false));
        if (missing.Count > 0 && ScanUp(ref scan, histogram[..(bins.Count - 1)], missing) is >= 0 and var left)
            scan.Take(left, MissingLeft(scan, bins, missing, left, true));
    }

    /// <summary>The last bin on the left of the best split that is better than those before; −1: none is.</summary>
    private static int ScanUp(ref Scan scan, ReadOnlySpan<HistogramBin> histogram, in HistogramBin start)
    {
        var (sums, count, found) = (start.Sums, (int)start.Count, -1);
        for (var bin = 0; bin < histogram.Length; bin++)
        {
            ref readonly var here = ref histogram[bin];
            if (here.Count == 0)
                continue;
            sums += here.Sums;
            count += (int)here.Count;
            var verdict = scan.Try(sums, count);
            if (verdict == Verdict.Best)
                found = bin;
            else if (verdict == Verdict.NoMore)
                break;
        }

        return found;
    }

    /// <summary>The bins on the left: where nothing is missing in the leaf, what will be goes with the more rows.</summary>
    private static BinSet MissingLeft(in Scan scan, FeatureBins bins, in HistogramBin missing, int last, bool isLeft)
    {
        var set = BinSet.UpTo(last);
        if (missing.Count > 0 ? isLeft : scan.Best.Count * 2L > scan.Count)
            set.Add(bins.Missing);
        return set;
    }

    private void ScanCategories(ref Scan scan, FeatureBins bins, ReadOnlySpan<HistogramBin> histogram)
    {
        // Categories by how far they pull, missing values as one of them; near 1 when the second derivative is constant.
        var support = scan.Count / Math.Max(double.Epsilon, hessian.Real(scan.Sums.Hessian));
        Span<(double Pull, int Bin)> pulls = stackalloc (double, int)[FeatureBins.MostBins + 1];
        var used = 0;
        for (var bin = 0; bin < histogram.Length; bin++)
        {
            var weight = hessian.Real(histogram[bin].Hessian);
            if (histogram[bin].Count > 0 && weight * support >= CategorySupport)
                pulls[used++] = (gradient.Real(histogram[bin].Gradient) / (weight + CategorySupport), bin);
        }

        if (used < 2)
            return;
        pulls = pulls[..used];
        pulls.Sort();
        var half = (used + 1) / 2;
        var ascending = ScanSorted(ref scan, histogram, pulls[..half]);
        pulls.Reverse();
        var descending = ScanSorted(ref scan, histogram, pulls[..half]);
        var best = descending > 0 ? descending : ascending;
        if (best == 0)
            return;
        if (descending == 0)
            pulls.Reverse();
        var set = default(BinSet);
        foreach (var (_, bin) in pulls[..best])
            set.Add(bin);
        if (histogram[bins.Missing].Count == 0 && scan.Best.Count * 2L > scan.Count)
            set.Add(bins.Missing);
        scan.Take(-1, set);
    }

    /// <summary>How many of the first categories make the best split that is better than those before; 0: none do.</summary>
    private static int ScanSorted(ref Scan scan, ReadOnlySpan<HistogramBin> histogram, ReadOnlySpan<(double Pull, int Bin)> sorted)
    {
        var (sums, count, found) = (default(GradientPair), 0, 0);
        for (var i = 0; i < sorted.Length; i++)
        {
            ref readonly var here = ref histogram[sorted[i].Bin];
            sums += here.Sums;
            count += (int)here.Count;
            var verdict = scan.Try(sums, count);
            if (verdict == Verdict.Best)
                found = i + 1;
            else if (verdict == Verdict.NoMore)
                break;
        }

        return found;
    }

    private struct Scan
    {
        private readonly SplitFinder _finder;
        private readonly int _feature;
        private readonly int _minRows;
        private readonly double _minHessian;
        private readonly double _l2;
        private readonly double _whole;

        public Scan(SplitFinder finder, int feature, GradientPair sums, int count)
        {
            var options = finder.Options;
            (_finder, _feature, _minRows, _minHessian, _l2) = (finder, feature, options.MinRowsPerLeaf, options.MinHessianPerLeaf, options.L2);
            (Sums, Count) = (sums, count);
            _whole = Score(finder.Gradient.Real(sums.Gradient), finder.Hessian.Real(sums.Hessian));
            Best = new BoostedSplit(options.MinGain, feature, -1, default, default, 0);
        }

        public GradientPair Sums { get; }

        public int Count { get; }

        public BoostedSplit Best { get; private set; }

        /// <summary>Weighs a split by what goes left.</summary>
        public Verdict Try(GradientPair left, int count)
        {
            if (count < _minRows)
                return Verdict.Worse;
            if (Count - count < _minRows)
                return Verdict.NoMore;
            var (leftHessian, rightHessian) = (_finder.Hessian.Real(left.Hessian), _finder.Hessian.Real(Sums.Hessian - left.Hessian));
            if (leftHessian < _minHessian)
                return Verdict.Worse;
            if (rightHessian < _minHessian)
                return Verdict.NoMore;
            var gain = Score(_finder.Gradient.Real(left.Gradient), leftHessian) + Score(_finder.Gradient.Real(Sums.Gradient - left.Gradient), rightHessian) - _whole;
            if (!(gain > Best.Gain))
                return Verdict.Worse;
            Best = Best with { Gain = gain, Sums = left, Count = count };
            return Verdict.Best;
        }

        /// <summary>Names the bins of the best split.</summary>
        public void Take(int last, BinSet left) => Best = Best with { LastBin = last, Left = left };

        private readonly double Score(double gradient, double hessian) => gradient * gradient / (hessian + _l2);
    }
}
