namespace OrleansMl.Learning;

/// <summary>Grows trees leaf by leaf, the one whose split gains most first (Shi 2007; Ke et al. 2017).</summary>
internal sealed class TreeGrower(BinnedRows rows, BoostingOptions options, RowPartition partition, WorkThreads threads)
{
    private readonly HistogramBuilder _histograms = new(rows, threads);

    /// <summary>Grows a tree on the rows of the partition.</summary>
    /// <param name="gradients">[N].</param>
    /// <param name="features">Those that it may test, ascending.</param>
    /// <param name="finder">Weighs splits.</param>
    /// <param name="cancellationToken">Asked before each split.</param>
    public GrownTree Grow(GradientPair[] gradients, int[] features, SplitFinder finder, CancellationToken cancellationToken)
    {
        var splits = new List<BoostedSplit?> { null };
        var children = new List<int> { 0 };
        var root = new GrowingLeaf(0, 0, partition.Count, 0, Sum(gradients));
        var done = new List<GrowingLeaf>();
        var waiting = new PriorityQueue<GrowingLeaf, (double Less, int Node)>();
        if (IsOpen(root))
        {
            root.Histogram = _histograms.Rent();
            _histograms.Find(root, partition.RowsOf(root), null, gradients, features, finder, IsOpen);
        }

        Keep(root, done, waiting);
        while (waiting.Count > 0 && done.Count + waiting.Count < options.MaxLeaves)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var leaf = waiting.Dequeue();
            var split = leaf.Best;
            partition.Split(leaf, rows.Columns[split.Feature], split.Left, split.Count);
            var (node, depth) = (splits.Count, leaf.Depth + 1);
            (splits[leaf.Node], children[leaf.Node]) = (split, node);
            splits.AddRange([null, null]);
            children.AddRange([0, 0]);
            var left = new GrowingLeaf(node, leaf.Start, split.Count, depth, split.Sums);
            var right = new GrowingLeaf(node + 1, leaf.Start + split.Count, leaf.Count - split.Count, depth, leaf.Sums - split.Sums);
            var isLast = done.Count + waiting.Count + 2 >= options.MaxLeaves;
            if (!isLast && (IsOpen(left) || IsOpen(right)))
            {
                var (smaller, larger) = left.Count <= right.Count ? (left, right) : (right, left);
                (smaller.Histogram, larger.Histogram) = (_histograms.Rent(), leaf.Histogram);
                _histograms.Find(smaller, partition.RowsOf(smaller), larger, gradients, features, finder, IsOpen);
            }
            else
            {
                Free(leaf);
            }

            Keep(left, done, waiting);
            Keep(right, done, waiting);
        }

        while (waiting.TryDequeue(out var leaf, out _))
        {
            Free(leaf);
            done.Add(leaf);
        }

        return new GrownTree(splits, children, done);
    }

    /// <summary>It could be split by its depth and its rows.</summary>
    private bool IsOpen(GrowingLeaf leaf)
        => leaf.Count >= 2L * options.MinRowsPerLeaf && (options.MaxDepth == 0 || leaf.Depth < options.MaxDepth);

    private void Keep(GrowingLeaf leaf, List<GrowingLeaf> done, PriorityQueue<GrowingLeaf, (double Less, int Node)> waiting)
    {
        if (leaf.Best.Count > 0)
        {
            waiting.Enqueue(leaf, (-leaf.Best.Gain, leaf.Node));
            return;
        }

        Free(leaf);
        done.Add(leaf);
    }

    private void Free(GrowingLeaf leaf)
    {
        if (leaf.Histogram is { } histogram)
            _histograms.Return(histogram);
        leaf.Histogram = null;
    }

    private GradientPair Sum(GradientPair[] gradients)
    {
        var sums = default(GradientPair);
        foreach (var row in partition.All)
            sums += gradients[row];
        return sums;
    }
}
