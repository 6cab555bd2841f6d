namespace OrleansMl.Learning;

/// <summary>The best action with probability 1 − ε, else any action evenly.</summary>
public sealed record EpsilonGreedyPolicy : ExplorationPolicy
{
    public const string PolicyName = "epsilon_greedy";

    /// <param name="epsilon">In [0, 1]. At 0 nothing is explored and no other policy can be judged from the log.</param>
    public EpsilonGreedyPolicy(double epsilon = 0.05)
        => Epsilon = epsilon is >= 0 and <= 1 ? epsilon : throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, "epsilon must be in [0, 1].");

    public double Epsilon { get; }

    public override string Name => PolicyName;

    private protected override void Fill(ReadOnlySpan<double> scores, long learned, Span<double> probabilities)
    {
        probabilities.Fill(Epsilon / scores.Length);
        probabilities[Best(scores)] += 1 - Epsilon;
    }
}
