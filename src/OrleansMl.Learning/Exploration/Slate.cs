using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>Drawn actions in order. Only the joint propensity weighs a reward of the whole slate; the first place alone also has a plain one.</summary>
/// <param name="Actions">Different indices into the scores.</param>
/// <param name="Conditional">The probability of each, given those before it.</param>
/// <param name="Propensity">Of this slate in this order: the product.</param>
public sealed record Slate(ImmutableArray<int> Actions, ImmutableArray<double> Conditional, double Propensity);
