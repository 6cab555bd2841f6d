using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>Limits numbers to [min, max]; null is open.</summary>
public sealed record ClipStage(ImmutableArray<string> Columns, double? Min, double? Max) : FittedStage("clip")
{
    public override ImmutableArray<StandingColumn> Apply(ImmutableArray<StandingColumn> standing) => StandingColumn.Recomputed(standing, Columns);
}
