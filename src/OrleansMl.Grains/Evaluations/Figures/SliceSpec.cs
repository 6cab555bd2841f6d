using System.Collections.Immutable;

namespace OrleansMl.Evaluations;

/// <summary>A column whose values are looked at apart.</summary>
/// <param name="Column">Of the model.</param>
/// <param name="Bins">For numbers: rising edges between the bins; empty: by quantiles.</param>
/// <param name="Quantiles">For numbers without edges: that many bins of about equal counts.</param>
internal sealed record SliceSpec(string Column, ImmutableArray<double> Bins, int Quantiles)
{
    public const int DefaultQuantiles = 4;
}
