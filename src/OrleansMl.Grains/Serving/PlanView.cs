using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using OrleansMl.Inference;

namespace OrleansMl.Serving;

/// <summary>A serving plan with its versions loaded in this process. Immutable; replaced as a whole.</summary>
public sealed class PlanView
{
    private readonly FrozenDictionary<int, ReplicaHost.Loading> _versions;
    private readonly ConcurrentDictionary<int, ServedConfig> _configs = new();

    internal PlanView(ServingPlan plan, FrozenDictionary<int, ReplicaHost.Loading> versions)
    {
        Plan = plan;
        _versions = versions;
    }

    public ServingPlan Plan { get; }

    /// <summary>Every version of the plan is loaded.</summary>
    public bool IsComplete => _versions.Values.All(v => v.Handle is not null);

    /// <summary>
    /// The version that a request means: a number, an alias, or (neither) the one at its point of the traffic, else the plan's
    /// default. Null: the plan names none.
    /// </summary>
    public OmlResult<int?> Resolve(int? version, string? alias, double? point = null)
    {
        if (version is not null)
        {
            return _versions.ContainsKey(version.Value)
                ? version
                : OmlError.NotFound("unknown_version", $"Model '{Plan.Model}' has no version {version} in serving (available: {Available()}).");
        }

        if (alias is not null)
        {
            return Plan.Aliases.TryGetValue(alias, out var named)
                ? (int?)named
                : OmlError.NotFound("unknown_alias", $"Model '{Plan.Model}' has no alias '{alias}' (aliases: {(Plan.Aliases.IsEmpty ? "none" : string.Join(", ", Plan.Aliases.Keys))}).");
        }

        // A version of the split that this silo could not load must not cost its share of the calls an answer.
        return point is { } at && Plan.Traffic?.At(at) is { } drawn && WhyNotReady(drawn) is null ? drawn : Plan.Default;
    }

    /// <summary>Takes a lease of a version; false, with the reason, when it is not loaded.</summary>
    public bool TryAcquire(int version, [NotNullWhen(true)] out VersionLease? lease, [NotNullWhen(false)] out string? why)
    {
        lease = null;
        if (!_versions.TryGetValue(version, out var loading))
        {
            why = $"it is not in serving (available: {Available()})";
            return false;
        }

        if (loading.Handle is not null && loading.Handle.TryAcquire(out var held))
        {
            lease = new VersionLease(held, this);
            why = null;
            return true;
        }

        why = loading.Reason ?? "it is being unloaded";
        return false;
    }

    /// <summary>The configuration that a version of the plan is served with.</summary>
    public ServedConfig ConfigOf(VersionManifest manifest) => _configs.GetOrAdd(manifest.Version, static (_, made) => ServedConfig.Of(made.manifest, made.Configuration), (manifest, Plan.Configuration));

    /// <summary>What the batcher of a version has counted since it was loaded; null: the version is not loaded here.</summary>
    public BatchingStatistics? StatisticsOf(VersionManifest manifest)
    {
        if (!TryAcquire(manifest.Version, out var lease, out _))
            return null;
        using (lease)
            return lease.Version.BatcherOf(ConfigOf(manifest)).Statistics;
    }

    /// <summary>Makes the batchers, which try their model: before requests come.</summary>
    internal void Prepare()
    {
        foreach (var manifest in Plan.Versions)
            _ = StatisticsOf(manifest);
    }

    /// <summary>Why a version is not ready here; null when it is.</summary>
    public string? WhyNotReady(int version) =>
        _versions.TryGetValue(version, out var loading) ? loading.Handle is null ? loading.Reason : null : "it is not in serving";

    private string Available() => _versions.Count == 0 ? "none" : string.Join(", ", _versions.Keys.Order());
}

/// <summary>Keeps a version loaded until it is disposed.</summary>
public sealed class VersionLease : IDisposable
{
    private readonly ModelLease<LoadedVersion> _lease;

    internal VersionLease(ModelLease<LoadedVersion> lease, PlanView view) => (_lease, View) = (lease, view);

    /// <summary>The view that it was taken from.</summary>
    public PlanView View { get; }

    public LoadedVersion Version => _lease.Model;

    public void Dispose() => _lease.Dispose();
}
