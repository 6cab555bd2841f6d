namespace OrleansMl.Declaration;

/// <summary>Limits of the validation of data before a training; null: the validation's own.</summary>
public sealed record ValidateDefinition
{
    /// <summary>A column alone that tells the truth better than this leaks it: ROC AUC of classes, R² of a value, in [0.5, 1].</summary>
    public double? Leakage { get; init; }

    /// <summary>Greatest share of a column's values that may be missing.</summary>
    public double? Missing { get; init; }

    /// <summary>Greatest population stability index between the rows and what was served lately.</summary>
    public double? Skew { get; init; }

    /// <summary>Greatest share of rows that are there twice.</summary>
    public double? Duplicates { get; init; }

    /// <summary>Least share of the rarer class, in [0, 0.5].</summary>
    public double? Balance { get; init; }
}
