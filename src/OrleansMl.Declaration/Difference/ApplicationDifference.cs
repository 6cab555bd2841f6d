using System.Collections.Immutable;

namespace OrleansMl.Declaration;

/// <summary>What differs between two revisions of an application.</summary>
public sealed record ApplicationDifference
{
    /// <summary>All things of both revisions, unchanged ones included (action none), in the order of the file's sections.</summary>
    public required ImmutableArray<DefinitionChange> Changes { get; init; }

    /// <summary>Something differs.</summary>
    public bool HasChanges => Changes.Any(change => change.Action != "none");

    /// <summary>The changes that end a lineage: a learner's, or that of the labels and versions of a model without one.</summary>
    public ImmutableArray<DefinitionChange> Incompatible => [.. Changes.Where(change => change.Incompatible)];

    /// <summary>To be refused unless a reset is allowed: then each such model that goes on begins a new lineage.</summary>
    public bool IsIncompatible => Changes.Any(change => change.Incompatible);

    /// <summary>Models that go on and whose learner, or whose labels where there is none, begin anew: those whose lineage is to be raised.</summary>
    public ImmutableArray<string> ResetModels =>
        [.. Changes.Where(change => change is { Incompatible: true, Kind: "learner" or "model", Action: "update" }).Select(change => change.Name)];
}
