using System.Collections.Immutable;

namespace OrleansMl.Declaration;

/// <summary>An online learner.</summary>
public sealed record LearnerDefinition
{
    /// <summary>logistic_regression | linear_regression.</summary>
    public required string Type { get; init; }

    /// <summary>Parameters by name; numbers as double, truth values as bool.</summary>
    public ImmutableSortedDictionary<string, object> Params { get; init; } = ImmutableSortedDictionary<string, object>.Empty;

    /// <summary>Of <c>head</c>: the registered model whose network is learned on; else null.</summary>
    public string? Of { get; init; }

    /// <summary>Of <c>head</c>: number or alias of its version; null: the champion, else the newest.</summary>
    public string? OfVersion { get; init; }

    public int Seed { get; init; } = 1;

    /// <summary>False: served after promotion. True: answers come from the learner itself.</summary>
    public bool Live { get; init; }

    /// <summary>Live only: every so many updates a snapshot becomes a version. 0: never.</summary>
    public int SnapshotEvery { get; init; }

    /// <summary>Labelled rows that fit the pipeline and make version 1.</summary>
    public int BootstrapOutcomes { get; init; } = 500;

    /// <summary>Passes over them.</summary>
    public int BootstrapEpochs { get; init; } = 1;
}
