using System.Numerics.Tensors;

namespace OrleansMl.Learning;

/// <summary>e^f − y f: minus the logarithm of a Poisson density, but for what hangs on y alone.</summary>
internal sealed class BoostedPoissonLoss(double[] targets, double[]? weights) : BoostingLoss(targets, weights)
{
    public override BoostedLink Link => BoostedLink.Exponential;

    public override double[] Start() => [Math.Log(WeightedMean(row => Targets[row]))];

    public override void Derive(int tree, ReadOnlySpan<double> sums, int from, Span<double> gradients, Span<double> hessians)
    {
        TensorPrimitives.Exp(sums, hessians);
        TensorPrimitives.Subtract(hessians, Targets.AsSpan(from, sums.Length), gradients);
    }

    public override double Of(double[][] sums, int row) => Math.Exp(sums[0][row]) - (Targets[row] * sums[0][row]);
}
