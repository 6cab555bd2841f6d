using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>Adds the product (numbers) or the joined text of columns.</summary>
public sealed record CrossStage(ImmutableArray<string> Columns, string Output, bool IsText) : FittedStage("cross")
{
    /// <summary>Between the parts of a text cross: the unit separator, which no sane category contains.</summary>
    public const string Separator = "\u001f";

    public override ImmutableArray<StandingColumn> Apply(ImmutableArray<StandingColumn> standing)
        => standing.Add(new StandingColumn(Output, IsText ? StandingKind.Categorical : StandingKind.Numeric));
}
