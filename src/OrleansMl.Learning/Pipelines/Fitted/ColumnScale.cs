namespace OrleansMl.Learning;

/// <summary>Center and scale of a column; the scale is never 0.</summary>
/// <param name="Column">Its name.</param>
/// <param name="Center">Subtracted.</param>
/// <param name="Scale">Divides.</param>
/// <param name="Tolerance">
/// Differences to the center up to this become exactly 0; &gt; 0 only for columns that count as constant. Their rest of
/// rounding error is no signal, but a learner that is free of scale would blow it up to one, and be wild at the first
/// real change.
/// </param>
public readonly record struct ColumnScale(string Column, double Center, double Scale, double Tolerance = 0);
