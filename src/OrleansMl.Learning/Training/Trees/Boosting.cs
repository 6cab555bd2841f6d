namespace OrleansMl.Learning;

/// <summary>One fit: the sums of the trees so far for every row, and what the next trees are grown on.</summary>
internal sealed class Boosting
{
    private const int BlockRows = 8192;

    private readonly TrainingRows _rows;
    private readonly double[]? _weights;
    private readonly BoostingOptions _options;
    private readonly WorkThreads _threads;
    private readonly BoostingLoss _loss;
    private readonly RowPartition _partition;
    private readonly TreeGrower _grower;
    private readonly ForestBuilder _forest;
    private readonly int[] _telling;
    private readonly long _seed;
    private readonly double[] _start;
    private readonly double[][] _sums;
    private readonly double[] _gradients;
    private readonly double[] _hessians;
    private readonly GradientPair[] _pairs;

    public Boosting(TrainingRows rows, double[]? weights, BinnedRows binned, BoostingLoss loss, BoostingOptions options, long seed, WorkThreads threads)
    {
        (_rows, _weights, _loss, _options, _seed, _threads) = (rows, weights, loss, options, seed, threads);
        _partition = new RowPartition(rows.Count, threads);
        _grower = new TreeGrower(binned, options, _partition, threads);
        _forest = new ForestBuilder(binned);
        _telling = binned.Telling();
        _start = loss.Start();
        _sums = SumsFor(rows.Count);
        (_gradients, _hessians, _pairs) = (new double[rows.Count], new double[rows.Count], new GradientPair[rows.Count]);
    }

    /// <summary>Mean loss on the rows.</summary>
    public double Loss => _loss.Mean(_sums);

    /// <summary>[T][count] of the starts.</summary>
    public double[][] SumsFor(int count)
    {
        var sums = new double[_start.Length][];
        for (var tree = 0; tree < sums.Length; tree++)
        {
            sums[tree] = new double[count];
            Array.Fill(sums[tree], _start[tree]);
        }

        return sums;
    }

    /// <summary>Grows the trees of one iteration; false when none of them has a test.</summary>
    public bool Step(int iteration, CancellationToken cancellationToken)
    {
        var draw = SeededDraw.For(_seed, iteration);
        var features = Features(ref draw);
        var isWhole = _options.RowFraction >= 1;
        _threads.Blocks(_rows.Count, BlockRows, (from, to) => _loss.Begin(_sums, from, to));
        var hasGrown = false;
        for (var tree = 0; tree < _loss.Trees; tree++)
        {
            if (isWhole)
                _partition.Fill();
            else
                _partition.Draw(_options.RowFraction, draw);
            var finder = Derive(tree);
            var grown = _grower.Grow(_pairs, features, finder, cancellationToken);
            hasGrown |= grown.Leaves.Count > 1;
            Take(grown, tree, finder, isWhole);
        }

        return hasGrown;
    }

    /// <summary>Adds the trees of the last iteration to the sums of other rows.</summary>
    public void AddLast(TrainingRows rows, double[][] sums) => _threads.Blocks(rows.Count, BlockRows, (from, to) =>
    {
        for (var tree = 0; tree < sums.Length; tree++)
        {
            for (var row = from; row < to; row++)
                sums[tree][row] += _forest.LeafValue(_forest.Count - sums.Length + tree, rows[row].Dense);
        }
    });

    /// <summary>The model of the first iterations.</summary>
    public BoostedTreesModel ToModel(int iterations) => _forest.ToModel(iterations * _start.Length, _start, _loss.Link);

    /// <summary>Derivatives in whole units; gives the finder that knows the units.</summary>
    private SplitFinder Derive(int tree)
    {
        var blocks = (_rows.Count + BlockRows - 1) / BlockRows;
        var largest = new (double Gradient, double Hessian)[blocks];
        _threads.Blocks(_rows.Count, BlockRows, (from, to) =>
        {
            var gradients = _gradients.AsSpan(from..to);
            var hessians = _hessians.AsSpan(from..to);
            _loss.Derive(tree, _sums[tree].AsSpan(from..to), from, gradients, hessians);
            double gradient = 0, hessian = 0;
            for (var i = 0; i < gradients.Length; i++)
            {
                if (_weights is not null)
                {
                    gradients[i] *= _weights[from + i];
                    hessians[i] *= _weights[from + i];
                }

                gradient = Math.Max(gradient, Math.Abs(gradients[i]));
                hessian = Math.Max(hessian, hessians[i]);
            }

            largest[from / BlockRows] = (gradient, hessian);
        });
        var (most, curvature) = (largest.Max(block => block.Gradient), largest.Max(block => block.Hessian));
        if (!double.IsFinite(most) || !double.IsFinite(curvature))
            throw new LearnerException("The loss of gradient_boosted_trees grew beyond all numbers; lower learningRate, or bring the targets to a smaller scale.");
        var (gradientPoint, hessianPoint) = (FixedPoint.For(most, _rows.Count), FixedPoint.For(curvature, _rows.Count));
        _threads.Blocks(_rows.Count, BlockRows, (from, to) =>
        {
            for (var row = from; row < to; row++)
                _pairs[row] = new GradientPair(gradientPoint.Units(_gradients[row]), hessianPoint.Units(_hessians[row]));
        });
        return new SplitFinder(_options, gradientPoint, hessianPoint);
    }

    /// <summary>Adds a tree to the forest and to the sums.</summary>
    private void Take(GrownTree grown, int tree, SplitFinder finder, bool isWhole)
    {
        var (sums, values) = (_sums[tree], new double[grown.Leaves.Count]);
        _threads.Run(values.Length, i =>
        {
            var leaf = grown.Leaves[i];
            var rows = _partition[leaf];
            values[i] = _options.LearningRate * (_loss.HasLeafSteps && rows.Length > 0 ? _loss.LeafStep(rows, sums) : finder.LeafStep(leaf.Sums));
            if (!isWhole)
                return;
            foreach (var row in rows)
                sums[row] += values[i];
        });
        _forest.Add(grown, values);
        if (!isWhole)
        {
            // The rows that the tree was not grown on are in no leaf.
            _threads.Blocks(_rows.Count, BlockRows, (from, to) =>
            {
                for (var row = from; row < to; row++)
                    sums[row] += _forest.LeafValue(_forest.Count - 1, _rows[row].Dense);
            });
        }
    }

    /// <summary>Those that the trees of an iteration may test, ascending.</summary>
    private int[] Features(ref SeededDraw draw)
    {
        var count = (int)Math.Ceiling(_options.FeatureFraction * _telling.Length);
        if (count >= _telling.Length)
            return _telling;
        var drawn = (int[])_telling.Clone();
        for (var i = 0; i < count; i++)
        {
            var other = i + (int)(draw.Uniform() * (drawn.Length - i));
            (drawn[i], drawn[other]) = (drawn[other], drawn[i]);
        }

        var features = drawn[..count];
        Array.Sort(features);
        return features;
    }
}
