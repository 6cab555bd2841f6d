using System.Collections.Immutable;
using OrleansMl.Learning;

namespace OrleansMl.Predictions;

/// <summary>What was drawn, and from what.</summary>
/// <param name="Slate">The places in order.</param>
/// <param name="Propensities">Of the first place, by candidate; they sum to 1.</param>
internal sealed record ExploredSlate(Slate Slate, ImmutableArray<double> Propensities);
