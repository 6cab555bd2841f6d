using System.Numerics.Tensors;

namespace OrleansMl.Learning;

/// <summary>(y − f)²; half of it is what is derived.</summary>
internal sealed class BoostedSquaredLoss(double[] targets, double[]? weights) : BoostingLoss(targets, weights)
{
    public override BoostedLink Link => BoostedLink.Identity;

    public override double[] Start() => [WeightedMean(row => Targets[row])];

    public override void Derive(int tree, ReadOnlySpan<double> sums, int from, Span<double> gradients, Span<double> hessians)
    {
        TensorPrimitives.Subtract(sums, Targets.AsSpan(from, sums.Length), gradients);
        hessians.Fill(1);
    }

    public override double Of(double[][] sums, int row) => (Targets[row] - sums[0][row]) * (Targets[row] - sums[0][row]);
}
