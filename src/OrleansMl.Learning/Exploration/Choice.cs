using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>A drawn action.</summary>
/// <param name="Action">Index into the scores.</param>
/// <param name="Propensity">The probability it was drawn with, &gt; 0.</param>
/// <param name="Propensities">Of all actions; they sum to 1.</param>
public sealed record Choice(int Action, double Propensity, ImmutableArray<double> Propensities);
