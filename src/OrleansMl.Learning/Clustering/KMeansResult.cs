using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>Centres of clusters.</summary>
/// <param name="Centres">[K, M], row-major.</param>
/// <param name="Inertia">The sum of the squared distances of all points to their nearest centre.</param>
/// <param name="Iterations">Passes of Lloyd's algorithm.</param>
public sealed record KMeansResult(ImmutableArray<double> Centres, double Inertia, int Iterations);
