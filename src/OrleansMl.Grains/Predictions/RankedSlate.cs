using System.Collections.Immutable;
using OrleansMl.Catalog;

namespace OrleansMl.Predictions;

/// <summary>The candidates that an answer shows, in order.</summary>
/// <param name="Shown">Best first, equal scores in the order of the request; or, where they were drawn, as drawn.</param>
/// <param name="Propensity">Of these in this order; null: they were not drawn.</param>
/// <param name="Decision">What they were drawn from, for the log; empty: they were not drawn.</param>
internal sealed record RankedSlate(ImmutableArray<RankedCandidate> Shown, double? Propensity, ReadOnlyMemory<byte> Decision)
{
    /// <param name="model">Whose answer it is.</param>
    /// <param name="request">A version or alias that it names is asked for what it says: nothing is drawn then.</param>
    /// <param name="scores">After post-processing, one a candidate.</param>
    /// <param name="vectors">One a candidate.</param>
    /// <param name="topK">Shown at most; null: all.</param>
    /// <param name="predictionId">Of the answer.</param>
    /// <param name="learned">Outcomes behind the scores; null: the prior answers.</param>
    public static RankedSlate Of(CompiledModel model, PredictRequest request, double[] scores, ImmutableArray<ServedVector> vectors, int? topK, string predictionId, long? learned)
    {
        var places = Math.Min(topK ?? int.MaxValue, scores.Length);
        if (model.Explorer is not { } explorer || request.Version is not null || request.Alias is not null)
        {
            var best = Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i]).Take(places);
            return new RankedSlate([.. best.Select((i, place) => Shows(i, place, null))], null, default);
        }

        var explored = explorer.Draw(scores, places, Explorer.KeyOf(request, predictionId), learned);
        var decision = DecisionCodec.Encode([.. vectors.Select((vector, i) =>
            new LoggedCandidate(request.Candidates[i].Entity.Id, explored.Propensities[i], [.. vector.Columns, .. vector.Beside]))]);
        return new RankedSlate(
            [.. explored.Slate.Actions.Select((i, place) => Shows(i, place, explored.Slate.Conditional[place]))], explored.Slate.Propensity, decision);

        RankedCandidate Shows(int index, int place, double? propensity) => new(request.Candidates[index].Entity, scores[index], place + 1, propensity);
    }
}
