namespace OrleansMl.Learning;

/// <summary>|y − f|: trees part by the sign of the error, leaves step to the median of what is left (Friedman 2001).</summary>
internal sealed class BoostedAbsoluteLoss(double[] targets, double[]? weights) : BoostingLoss(targets, weights)
{
    public override BoostedLink Link => BoostedLink.Identity;

    public override bool HasLeafSteps => true;

    public override double[] Start() => [Median([.. Targets], (double[]?)Weights?.Clone())];

    public override void Derive(int tree, ReadOnlySpan<double> sums, int from, Span<double> gradients, Span<double> hessians)
    {
        for (var i = 0; i < sums.Length; i++)
            gradients[i] = Math.Sign(sums[i] - Targets[from + i]);
        hessians.Fill(1);
    }

    public override double LeafStep(ReadOnlySpan<int> rows, double[] sums)
    {
        var rest = new double[rows.Length];
        var weights = Weights is null ? null : new double[rows.Length];
        for (var i = 0; i < rest.Length; i++)
        {
            rest[i] = Targets[rows[i]] - sums[rows[i]];
            if (weights is not null)
                weights[i] = Weights![rows[i]];
        }

        return Median(rest, weights);
    }

    public override double Of(double[][] sums, int row) => Math.Abs(Targets[row] - sums[0][row]);
}
