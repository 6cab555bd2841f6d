using System.Collections.Immutable;

namespace OrleansMl.Declaration;

/// <summary>The way of a candidate: a shadow, then shares of the calls that grow, then all of them.</summary>
public sealed record RolloutDefinition
{
    /// <summary>Outcomes that the shadow is compared on; 0: there is no shadow.</summary>
    public int ShadowOutcomes { get; init; }

    /// <summary>Shares of the calls, rising, each in (0, 1); empty: all calls come at once.</summary>
    public ImmutableArray<double> Canary { get; init; } = [];

    /// <summary>Outcomes of the candidate's own answers that each share is judged on.</summary>
    public int StepOutcomes { get; init; } = 200;

    /// <summary>How long each share lasts at least, by the wall clock.</summary>
    public TimeSpan StepMinTime { get; init; } = TimeSpan.Zero;

    /// <summary>What is not decided by then goes back.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromDays(7);
}
