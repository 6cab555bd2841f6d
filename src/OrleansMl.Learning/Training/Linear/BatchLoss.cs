using System.Numerics.Tensors;

namespace OrleansMl.Learning;

/// <summary>The loss of one row, from its scores.</summary>
internal abstract class BatchLoss
{
    /// <summary>Scores of a row.</summary>
    public abstract int Scores { get; }

    /// <summary>The loss; the scores become its derivatives by them.</summary>
    /// <param name="scores">[Scores], overwritten.</param>
    /// <param name="target">The class, or the value.</param>
    public abstract double Derive(Span<double> scores, double target);
}

/// <summary>(s − y)²/2.</summary>
internal sealed class BatchSquaredLoss : BatchLoss
{
    public override int Scores => 1;

    public override double Derive(Span<double> scores, double target)
    {
        scores[0] -= target;
        return 0.5 * scores[0] * scores[0];
    }
}

/// <summary>−ln of the probability of the class, 1/(1 + e^−s) for class 1.</summary>
internal sealed class BatchLogisticLoss : BatchLoss
{
    public override int Scores => 1;

    public override double Derive(Span<double> scores, double target)
    {
        var score = target == 1 ? scores[0] : -scores[0];
        var exponential = Math.Exp(-Math.Abs(score));
        var wrong = score > 0 ? exponential / (1 + exponential) : 1 / (1 + exponential);
        scores[0] = target == 1 ? -wrong : wrong;

        // ln(1 + e) loses the digits of a small e: its series to the second term is exact to double there.
        var logarithm = exponential < 1e-8 ? exponential - (0.5 * exponential * exponential) : Math.Log(1 + exponential);
        return score > 0 ? logarithm : logarithm - score;
    }
}

/// <summary>−ln softmax(s) at the class.</summary>
internal sealed class BatchSoftmaxLoss(int classes) : BatchLoss
{
    public override int Scores => classes;

    public override double Derive(Span<double> scores, double target)
    {
        var max = TensorPrimitives.Max<double>(scores);
        var own = scores[(int)target] - max;
        double sum = 0;
        for (var c = 0; c < scores.Length; c++)
            sum += scores[c] = Math.Exp(scores[c] - max);
        for (var c = 0; c < scores.Length; c++)
            scores[c] /= sum;
        scores[(int)target] -= 1;
        return Math.Log(sum) - own;
    }
}
