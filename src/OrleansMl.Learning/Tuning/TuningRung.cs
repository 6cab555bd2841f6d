namespace OrleansMl.Learning;

/// <summary>A step of a search.</summary>
/// <param name="Trials">How many are on it.</param>
/// <param name="Share">Of the resource that each gets, in (0, 1].</param>
public readonly record struct TuningRung(int Trials, double Share);
