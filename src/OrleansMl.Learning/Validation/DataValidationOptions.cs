using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>Limits of the checks.</summary>
public sealed record DataValidationOptions
{
    /// <summary>Fewer rows are an error.</summary>
    public int MinRows { get; init; } = 100;

    /// <summary>Greatest share of a column that may be missing.</summary>
    public double Missing { get; init; } = 0.5;

    /// <summary>Greatest share of values outside a declared range.</summary>
    public double OutOfRange { get; init; }

    /// <summary>Greatest share of rows that are there before.</summary>
    public double Duplicates { get; init; } = 0.2;

    /// <summary>Least share of the rarest class.</summary>
    public double Balance { get; init; } = 0.01;

    /// <summary>A text column with a greater share of different values is taken for an id.</summary>
    public double Unique { get; init; } = 0.95;

    /// <summary>A column leaks the target when alone it reaches more: area under the ROC curve of classes, R² of a value.</summary>
    public double Leakage { get; init; } = 0.995;

    /// <summary>Greatest population stability index between the rows and those served; a shift of missing values counts ten times its difference of shares.</summary>
    public double Skew { get; init; } = 0.25;

    /// <summary>Besides, a shift must not be chance: the level of χ² or Kolmogorov–Smirnov over all columns together.</summary>
    public double SkewLevel { get; init; } = 0.01;

    /// <summary>How the p-values of the columns are corrected.</summary>
    public DriftCorrection SkewCorrection { get; init; } = DriftCorrection.Holm;

    /// <summary>Checks whose findings are errors; all others are warnings. A limit that somebody has stated on purpose belongs here.</summary>
    public ImmutableHashSet<string> Errors { get; init; } = [DataChecks.Schema, DataChecks.Rows, DataChecks.Target, DataChecks.ConstantTarget, DataChecks.Leakage];
}
