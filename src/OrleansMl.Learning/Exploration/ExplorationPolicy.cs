using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>
/// Turns scores of actions into the probabilities of choosing them, and draws. The probability returned is the one drawn
/// with: log it before the answer leaves, or nothing can be learned from the outcome without bias.
/// </summary>
public abstract record ExplorationPolicy
{
    /// <summary>Name in application files.</summary>
    public abstract string Name { get; }

    /// <summary>The probability of each action, by action; they sum to 1.</summary>
    /// <param name="scores">Expected rewards, higher is better, one an action; at least one.</param>
    /// <param name="learned">Outcomes the scorer has learned, ≥ 0: policies that narrow with experience use it.</param>
    /// <exception cref="ArgumentException">No action, or a score that is not finite.</exception>
    public ImmutableArray<double> Propensities(ReadOnlySpan<double> scores, long learned = 0)
    {
        if (scores.IsEmpty)
            throw new ArgumentException("There is no action to choose from.", nameof(scores));
        Inputs.RequireFinite(scores, nameof(scores));
        ArgumentOutOfRangeException.ThrowIfNegative(learned);
        var probabilities = new double[scores.Length];
        Fill(scores, learned, probabilities);
        return [.. probabilities];
    }

    /// <summary>Draws one action. Equal seed, key and scores draw the same, so that a repeated request gets the same answer.</summary>
    /// <param name="seed">Of the application.</param>
    /// <param name="decision">A key of the decision, different for each.</param>
    /// <inheritdoc cref="Propensities" path="/exception"/>
    public Choice Choose(ReadOnlySpan<double> scores, long seed, ulong decision, long learned = 0)
    {
        var propensities = Propensities(scores, learned);
        var action = Draw(propensities.AsSpan(), SplitMix64.For((ulong)seed, decision).NextDouble());
        return new Choice(action, propensities[action], propensities);
    }

    /// <summary>
    /// Draws k different actions in order: each from the propensities of those left, scaled to sum to 1 (Plackett–Luce).
    /// </summary>
    /// <param name="k">In [1, actions that have a probability above 0].</param>
    /// <inheritdoc cref="Choose" path="/param"/>
    /// <inheritdoc cref="Propensities" path="/exception"/>
    public Slate ChooseSlate(ReadOnlySpan<double> scores, int k, long seed, ulong decision, long learned = 0)
    {
        var propensities = Propensities(scores, learned);
        var left = propensities.ToArray();
        var possible = left.Count(probability => probability > 0);
        if (k < 1 || k > possible)
            throw new ArgumentOutOfRangeException(nameof(k), k, $"A slate takes 1 to {possible} of these actions (those with a probability above 0).");
        var random = SplitMix64.For((ulong)seed, decision);
        var (actions, conditional, joint) = (ImmutableArray.CreateBuilder<int>(k), ImmutableArray.CreateBuilder<double>(k), 1.0);
        while (actions.Count < k)
        {
            var rest = left.Sum();
            var action = Draw(left, random.NextDouble() * rest);
            actions.Add(action);
            conditional.Add(left[action] / rest);
            joint *= left[action] / rest;
            left[action] = 0;
        }

        return new Slate(actions.ToImmutable(), conditional.ToImmutable(), joint);
    }

    private protected abstract void Fill(ReadOnlySpan<double> scores, long learned, Span<double> probabilities);

    /// <summary>The first of the highest scores.</summary>
    private protected static int Best(ReadOnlySpan<double> scores)
    {
        var best = 0;
        for (var action = 1; action < scores.Length; action++)
            best = scores[action] > scores[best] ? action : best;
        return best;
    }

    private static int Draw(ReadOnlySpan<double> probabilities, double point)
    {
        var last = -1;
        for (var action = 0; action < probabilities.Length; action++)
        {
            if (probabilities[action] <= 0)
                continue;
            last = action;
            if ((point -= probabilities[action]) < 0)
                return action;
        }

        return last; // the sum fell short of the point by rounding
    }
}
