namespace OrleansMl.Learning;

/// <summary>Two scores of the same rows.</summary>
/// <param name="Difference">First AUC − second, with its interval.</param>
/// <param name="PValue">Two-sided, of no difference; 1 where the scores rank alike.</param>
public sealed record AucComparison(ConfidenceInterval Difference, double PValue);
