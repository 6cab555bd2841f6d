using System.IO.Hashing;
using System.Runtime.InteropServices;
using OrleansMl.Declaration;
using OrleansMl.Learning;

namespace OrleansMl.Predictions;

/// <summary>Draws what a ranked answer shows, by a model's declared policy. Equal seed, decision and scores draw the same.</summary>
internal sealed class Explorer(ExplorationPolicy policy, int seed)
{
    private static readonly ExplorationPolicy s_even = new EpsilonGreedyPolicy(1);

    /// <summary>Null: the model does not explore.</summary>
    public static Explorer? Of(ExplorationDefinition? definition) => definition is null ? null : new Explorer(PolicyOf(definition), definition.Seed);

    /// <summary>The policy that a declaration means.</summary>
    public static ExplorationPolicy PolicyOf(ExplorationDefinition definition) => definition.Type switch
    {
        EpsilonGreedyPolicy.PolicyName => new EpsilonGreedyPolicy(definition.Epsilon ?? 0.05),
        SoftmaxPolicy.PolicyName => new SoftmaxPolicy(definition.Lambda ?? 1),
        SquareCbPolicy.PolicyName => new SquareCbPolicy(definition.Scale ?? 10, definition.Exponent ?? 0.5),
        var other => throw new ArgumentException($"There is no policy '{other}'.", nameof(definition)),
    };

    /// <summary>The key of a decision: of its request, so that a repeat that overtakes the first one draws the same; else of its prediction.</summary>
    public static ulong KeyOf(PredictRequest request, string predictionId) =>
        XxHash3.HashToUInt64(MemoryMarshal.AsBytes($"{request.Model}\n{request.RequestId ?? predictionId}".AsSpan()));

    /// <summary>Draws the places in order, each from those left.</summary>
    /// <param name="scores">After post-processing, finite; one a candidate.</param>
    /// <param name="places">Shown, in [1, candidates].</param>
    /// <param name="decision">From <see cref="KeyOf"/>.</param>
    /// <param name="learned">Outcomes behind the scores; null: the prior answers, which knows nothing of the candidates, so all are as likely.</param>
    public ExploredSlate Draw(double[] scores, int places, ulong decision, long? learned)
    {
        var used = learned is null ? s_even : policy;
        var propensities = used.Propensities(scores, learned ?? 0);
        var drawn = used.ChooseSlate(scores, Math.Min(places, propensities.Count(p => p > 0)), seed, decision, learned ?? 0);
        if (drawn.Actions.Length == places)
            return new ExploredSlate(drawn, propensities);

        // What the policy never chooses fills up, best first: given the places before, that is certain.
        var rest = Enumerable.Range(0, scores.Length).Except(drawn.Actions).OrderByDescending(i => scores[i]).Take(places - drawn.Actions.Length).ToArray();
        return new ExploredSlate(
            new Slate([.. drawn.Actions, .. rest], [.. drawn.Conditional, .. Enumerable.Repeat(1.0, rest.Length)], drawn.Propensity), propensities);
    }
}
