using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>Moves columns into the hashed table.</summary>
public sealed record HashStage(ImmutableArray<string> Columns, int Bits) : FittedStage("hash")
{
    public override ImmutableArray<StandingColumn> Apply(ImmutableArray<StandingColumn> standing)
        => [.. standing.Where(column => !Columns.Contains(column.Name))];
}
