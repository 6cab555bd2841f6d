using System.Numerics.Tensors;

namespace OrleansMl.Learning;

/// <summary>Log loss of two classes by the log odds.</summary>
internal sealed class BoostedLogisticLoss(double[] targets, double[]? weights) : BoostingLoss(targets, weights)
{
    public override BoostedLink Link => BoostedLink.Logistic;

    public override double[] Start()
    {
        var share = WeightedMean(row => Targets[row]);
        return [Math.Log(share / (1 - share))];
    }

    public override void Derive(int tree, ReadOnlySpan<double> sums, int from, Span<double> gradients, Span<double> hessians)
    {
        var targets = Targets.AsSpan(from, sums.Length);
        TensorPrimitives.Sigmoid(sums, hessians);
        TensorPrimitives.Subtract(hessians, targets, gradients);

        // p (1 − p) = p − p².
        for (var i = 0; i < hessians.Length; i++)
            hessians[i] *= 1 - hessians[i];
    }

    public override double Of(double[][] sums, int row)
    {
        var odds = sums[0][row];
        return Math.Max(odds, 0) + Math.Log(1 + Math.Exp(-Math.Abs(odds))) - (Targets[row] * odds);
    }
}
