namespace OrleansMl.Learning;

/// <summary>
/// SquareCB (Foster and Rakhlin 2020): an action that scores less than the best by g has 1/(A + γ·g), the best has the
/// rest; γ = scale · max(1, t)^exponent narrows with the t outcomes learned. Scores in a unit of about 1.
/// </summary>
public sealed record SquareCbPolicy : ExplorationPolicy
{
    public const string PolicyName = "square_cb";

    /// <param name="scale">Finite, &gt; 0.</param>
    /// <param name="exponent">In [0, 1].</param>
    public SquareCbPolicy(double scale = 10, double exponent = 0.5)
    {
        if (!(scale > 0 && double.IsFinite(scale)))
            throw new ArgumentOutOfRangeException(nameof(scale), scale, "scale must be finite and above 0.");
        if (!(exponent is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(exponent), exponent, "exponent must be in [0, 1].");
        (Scale, Exponent) = (scale, exponent);
    }

    public double Scale { get; }

    public double Exponent { get; }

    public override string Name => PolicyName;

    private protected override void Fill(ReadOnlySpan<double> scores, long learned, Span<double> probabilities)
    {
        var best = Best(scores);
        var gamma = Scale * Math.Pow(Math.Max(1, learned), Exponent);
        var rest = 1.0;
        for (var action = 0; action < scores.Length; action++)
        {
            if (action == best)
                continue;
            probabilities[action] = 1 / (scores.Length + (gamma * (scores[best] - scores[action])));
            rest -= probabilities[action];
        }

        probabilities[best] = rest;
    }
}
