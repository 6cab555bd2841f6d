using System.Numerics.Tensors;

namespace OrleansMl.Learning;

/// <summary>Probabilities in proportion to exp(λ · score).</summary>
public sealed record SoftmaxPolicy : ExplorationPolicy
{
    public const string PolicyName = "softmax";

    /// <param name="lambda">Finite, ≥ 0, by the unit of the scores: 0 is even, large is greedy.</param>
    public SoftmaxPolicy(double lambda = 1)
        => Lambda = lambda >= 0 && double.IsFinite(lambda) ? lambda : throw new ArgumentOutOfRangeException(nameof(lambda), lambda, "lambda must be finite and not negative.");

    public double Lambda { get; }

    public override string Name => PolicyName;

    private protected override void Fill(ReadOnlySpan<double> scores, long learned, Span<double> probabilities)
    {
        var highest = scores[Best(scores)];
        for (var action = 0; action < scores.Length; action++)
            probabilities[action] = Lambda == 0 ? 1 : Math.Exp(Lambda * (scores[action] - highest));
        TensorPrimitives.Divide(probabilities, TensorPrimitives.Sum<double>(probabilities), probabilities);
    }
}
