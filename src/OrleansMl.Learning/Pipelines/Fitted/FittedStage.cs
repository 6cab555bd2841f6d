using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>One stage after fitting: resolved columns and learned constants.</summary>
/// <param name="Name">The word in application files.</param>
public abstract record FittedStage(string Name)
{
    /// <summary>The columns that stand after this stage, given those before it.</summary>
    public virtual ImmutableArray<StandingColumn> Apply(ImmutableArray<StandingColumn> standing) => standing;
}
