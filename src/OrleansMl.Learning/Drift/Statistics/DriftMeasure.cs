namespace OrleansMl.Learning;

/// <summary>How far a chunk lies from the reference.</summary>
/// <param name="Value">The statistic.</param>
/// <param name="PValue">Of no difference; null for a distance without a test.</param>
public readonly record struct DriftMeasure(double Value, double? PValue = null);
