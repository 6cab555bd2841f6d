using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>Fills missing values.</summary>
public sealed record ImputeStage(ImmutableArray<NumberOf> Numbers, ImmutableArray<TextOf> Texts) : FittedStage("impute");
