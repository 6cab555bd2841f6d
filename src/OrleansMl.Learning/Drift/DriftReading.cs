namespace OrleansMl.Learning;

/// <summary>What a detector compared at its last value: the evidence of an alarm.</summary>
/// <param name="Value">Its statistic.</param>
/// <param name="Limit">What the statistic is held against: EDDM alarms below it, the others above it.</param>
public readonly record struct DriftReading(double Value, double Limit);
