using System.Collections.Immutable;

namespace OrleansMl.Models;

/// <summary>What a model stores.</summary>
[GenerateSerializer, Alias("oml.ModelState")]
public sealed class ModelState
{
    [Id(0)] public List<StoredVersion> Versions { get; set; } = [];

    [Id(1)] public ImmutableSortedDictionary<string, int> Aliases { get; set; } = ImmutableSortedDictionary<string, int>.Empty;

    [Id(2)] public List<Promotion> Promotions { get; set; } = [];

    [Id(3)] public long PlanRevision { get; set; }

    /// <summary>Never given twice, also after a version was deleted.</summary>
    [Id(4)] public int LastVersion { get; set; }

    [Id(5)] public Traffic? Traffic { get; set; }

    /// <summary>Configuration in the protocol's terms, as JSON; null: none.</summary>
    [Id(6)] public string? Configuration { get; set; }

    /// <summary>The rollout that has set the traffic; null: none is under way.</summary>
    [Id(20)] public RolloutMark? Rollout { get; set; }

    /// <summary>Highest epoch of a trainer that has registered or promoted: those below it are of activations that were replaced.</summary>
    [Id(21)] public long TrainerEpoch { get; set; }

    /// <summary>A copy that changes of this one leave alone.</summary>
    internal ModelState Copy()
    {
        var copy = (ModelState)MemberwiseClone();
        copy.Versions = [.. Versions];
        copy.Promotions = [.. Promotions];
        return copy;
    }
}

/// <summary>A registered version, and whether it shall be served.</summary>
[GenerateSerializer, Immutable, Alias("oml.StoredVersion")]
public sealed record StoredVersion(
    [property: Id(0)] VersionManifest Manifest,
    [property: Id(1)] DateTime Created,
    [property: Id(2)] bool Wanted);
