namespace OrleansMl.Learning;

/// <summary>What is lessened: a loss of the sums of trees, [T][N], where T trees are grown in an iteration.</summary>
/// <param name="targets">[N].</param>
/// <param name="weights">[N]; null: all are 1.</param>
internal abstract class BoostingLoss(double[] targets, double[]? weights)
{
    protected double[] Targets => targets;

    protected double[]? Weights => weights;

    /// <summary>T.</summary>
    public virtual int Trees => 1;

    /// <summary>From the sums to the answer.</summary>
    public abstract BoostedLink Link { get; }

    /// <summary>The values of leaves are not those of a Newton step but those of <see cref="LeafStep"/>.</summary>
    public virtual bool HasLeafSteps => false;

    /// <summary>[T]: the best constants.</summary>
    public abstract double[] Start();

    /// <summary>Looks at the sums before the trees of an iteration, for some rows.</summary>
    public virtual void Begin(double[][] sums, int from, int to)
    {
    }

    /// <summary>First and second derivatives by the sum of one tree, weights not counted in.</summary>
    /// <param name="tree">0 … T−1.</param>
    /// <param name="sums">Of that tree, the rows from <paramref name="from"/> on.</param>
    /// <param name="from">First row.</param>
    /// <param name="gradients">Written.</param>
    /// <param name="hessians">Written.</param>
    public abstract void Derive(int tree, ReadOnlySpan<double> sums, int from, Span<double> gradients, Span<double> hessians);

    /// <summary>The best step for some rows.</summary>
    public virtual double LeafStep(ReadOnlySpan<int> rows, double[] sums) => throw new NotSupportedException();

    /// <summary>The loss of one row.</summary>
    public abstract double Of(double[][] sums, int row);

    /// <summary>Weighted mean over all rows.</summary>
    public double Mean(double[][] sums)
    {
        double loss = 0, weight = 0;
        for (var row = 0; row < targets.Length; row++)
        {
            var one = weights is null ? 1 : weights[row];
            loss += one * Of(sums, row);
            weight += one;
        }

        return loss / weight;
    }

    /// <summary>Σ weight · value / Σ weight, the same in every order of the rows.</summary>
    protected double WeightedMean(Func<int, double> value)
    {
        var values = new double[targets.Length];
        for (var row = 0; row < values.Length; row++)
            values[row] = value(row) * (weights is null ? 1 : weights[row]);
        return FixedPoint.Sum(values) / (weights is null ? targets.Length : FixedPoint.Sum(weights));
    }

    /// <summary>The least value at which half of the weight is reached.</summary>
    protected static double Median(double[] values, double[]? weights)
    {
        if (weights is null)
        {
            Array.Sort(values);
            return values[(values.Length - 1) / 2];
        }

        Array.Sort(values, weights);
        var half = FixedPoint.Sum(weights) / 2;
        double held = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if ((held += weights[i]) >= half)
                return values[i];
        }

        return values[^1];
    }
}
