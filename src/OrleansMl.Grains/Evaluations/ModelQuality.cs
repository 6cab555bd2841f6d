using System.Collections.Immutable;
using OrleansMl.Learning;

namespace OrleansMl.Evaluations;

/// <summary>How good a model is now.</summary>
/// <param name="Model">Its name.</param>
/// <param name="Learner">Prequential figures since the bootstrap; null: it has no learner.</param>
/// <param name="Window">The newest predictions that the rest is about.</param>
/// <param name="States">Of these, how many are predicted, labelled, defaulted, corrected, closed.</param>
/// <param name="Figures">Of the labelled ones: of all answers and by version, with the baselines on the same rows.</param>
/// <param name="Reliability">By version: what was predicted and what happened; empty for numbers.</param>
public sealed record ModelQuality(
    string Model,
    LearnerStatus? Learner,
    int Window,
    ImmutableSortedDictionary<string, int> States,
    ImmutableArray<EvaluationFigure> Figures,
    ImmutableSortedDictionary<int, ImmutableArray<ReliabilityBin>> Reliability);
