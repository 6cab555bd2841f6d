using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>Replaces columns by loadings · (x − means).</summary>
/// <param name="Columns">[M].</param>
/// <param name="Prefix">Of the new names.</param>
/// <param name="Components">Means, loadings and variances.</param>
public sealed record PcaStage(ImmutableArray<string> Columns, string Prefix, PrincipalComponents Components) : FittedStage("pca")
{
    /// <summary>Names of the components.</summary>
    public IEnumerable<string> OutputNames() => Enumerable.Range(0, Components.Count).Select(q => $"{Prefix}_{q}");

    public override ImmutableArray<StandingColumn> Apply(ImmutableArray<StandingColumn> standing)
        => [.. standing.Where(column => !Columns.Contains(column.Name)), .. OutputNames().Select(name => new StandingColumn(name, StandingKind.Numeric))];
}
