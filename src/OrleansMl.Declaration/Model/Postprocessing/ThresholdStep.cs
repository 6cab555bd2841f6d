namespace OrleansMl.Declaration;

/// <summary>Score below <paramref name="At"/> gives <paramref name="Below"/>, else <paramref name="Above"/>.</summary>
public sealed record ThresholdStep(double At, string Below, string Above);
