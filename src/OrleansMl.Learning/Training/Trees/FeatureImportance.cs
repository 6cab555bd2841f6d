namespace OrleansMl.Learning;

/// <summary>What a feature does in a forest.</summary>
/// <param name="Gain">Sum of the gains of its splits.</param>
/// <param name="Splits">How many there are.</param>
public readonly record struct FeatureImportance(double Gain, int Splits);
