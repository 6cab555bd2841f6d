using System.Collections.Immutable;

namespace OrleansMl.Inference;

/// <summary>One way that a switch may go.</summary>
/// <param name="Values">It is taken for each of these: texts, whole numbers in decimal, <c>true</c> or <c>false</c>.</param>
/// <param name="Call">The model that then runs.</param>
public sealed record SwitchCase(ImmutableArray<string> Values, ModelCall Call);
