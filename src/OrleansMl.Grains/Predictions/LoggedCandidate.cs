using System.Collections.Immutable;

namespace OrleansMl.Predictions;

/// <summary>A candidate that an explored answer was drawn from.</summary>
/// <param name="Subject">Its entity id.</param>
/// <param name="Propensity">The probability that it came first.</param>
/// <param name="Values">Its vector, and after it what post-processing read beside it.</param>
public sealed record LoggedCandidate(string Subject, double Propensity, ImmutableArray<FeatureValue> Values);
