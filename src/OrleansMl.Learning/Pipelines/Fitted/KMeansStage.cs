using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>Adds the distance of the columns to each centre.</summary>
/// <param name="Columns">[M].</param>
/// <param name="Prefix">Of the new names.</param>
/// <param name="Centres">[K, M], row-major.</param>
public sealed record KMeansStage(ImmutableArray<string> Columns, string Prefix, ImmutableArray<double> Centres) : FittedStage("kmeans")
{
    /// <summary>K.</summary>
    public int Count => Centres.Length / Columns.Length;

    /// <summary>Names of the distances.</summary>
    public IEnumerable<string> OutputNames() => Enumerable.Range(0, Count).Select(c => $"{Prefix}_{c}");

    public override ImmutableArray<StandingColumn> Apply(ImmutableArray<StandingColumn> standing)
        => [.. standing, .. OutputNames().Select(name => new StandingColumn(name, StandingKind.Numeric))];
}
