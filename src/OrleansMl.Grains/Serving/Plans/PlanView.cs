using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using OrleansMl.Inference;
using OrleansMl.Predictions;

namespace OrleansMl.Serving;

/// <summary>A serving plan over the versions of this process. Immutable; replaced as a whole.</summary>
public sealed class PlanView
{
    private readonly ReplicaHost _host;
    private readonly ReplicaDirectory? _directory;
    private readonly FrozenDictionary<int, VersionManifest> _versions;
    private readonly ConcurrentDictionary<int, ServedConfig> _configs = new();
    private readonly ConcurrentDictionary<int, Postprocessor> _postprocessors = new();

    /// <param name="plan">The plan.</param>
    /// <param name="host">The versions here.</param>
    /// <param name="directory">The versions on other silos; null: there is none.</param>
    internal PlanView(ServingPlan plan, ReplicaHost host, ReplicaDirectory? directory = null)
    {
        _directory = directory;
        Plan = plan;
        _host = host;
        _versions = plan.Versions.ToFrozenDictionary(v => v.Version);
    }

    public ServingPlan Plan { get; }

    /// <summary>No version of the plan has failed to load.</summary>
    public bool IsComplete => _versions.Keys.All(v => LifeOf(v)?.State != LifeState.Failed);

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

    /// <summary>Where in the traffic a call lies; null: it is not split.</summary>
    /// <param name="entity">Whose call it is; null: nobody's.</param>
    internal double? PointOf(EntityId? entity) => Plan.Traffic is null ? null : TrafficPoint.Of(Plan, entity);

    /// <summary>Takes a lease of a version; false, with the reason, when it is not loaded.</summary>
    public bool TryAcquire(int version, [NotNullWhen(true)] out VersionLease? lease, [NotNullWhen(false)] out string? why) => TryAcquire(version, isRequest: true, out lease, out why);

    /// <summary>The manifest of a version of the plan; null: it names no such version.</summary>
    internal VersionManifest? ManifestOf(int version) => _versions.GetValueOrDefault(version);

    /// <summary>Where a version stands in this silo; null: nobody has asked for it.</summary>
    internal VersionLife? LifeOf(int version) => _host.LifeOf(new ModelVersionId(Plan.Model, version));

    /// <summary>The configuration that a version of the plan is served with.</summary>
    public ServedConfig ConfigOf(VersionManifest manifest) => _configs.GetOrAdd(manifest.Version, static (_, made) => ServedConfig.Of(made.manifest, made.Configuration), (manifest, Plan.Configuration));

    /// <summary>The steps after a version's score, for silos that do not have the version itself in memory.</summary>
    internal Postprocessor PostprocessorOf(VersionManifest manifest) => _postprocessors.GetOrAdd(manifest.Version, static (_, of) => Postprocessor.Of(of), manifest);

    /// <summary>What was counted of a version since it was first loaded here, in memory or not; null: it never was.</summary>
    public BatchingStatistics? StatisticsOf(VersionManifest manifest)
    {
        // To be looked at is no use.
        if (!TryAcquire(manifest.Version, isRequest: false, out var lease, out _))
            return _host.PastStatisticsOf(new ModelVersionId(Plan.Model, manifest.Version));
        using (lease)
            return lease.Version.StatisticsFor(ConfigOf(manifest));
    }

    /// <summary>
    /// Why a version is not ready; null when it is, here or on another silo, or when a request makes it so: one that was evicted is
    /// loaded again.
    /// </summary>
    public string? WhyNotReady(int version)
    {
        if (!_versions.ContainsKey(version))
            return "it is not in serving";
        if (_directory?.IsElsewhere(new ModelVersionId(Plan.Model, version)) == true)
            return null;
        return LifeOf(version) switch
        {
            null => "it is being loaded",
            { State: LifeState.Available or LifeState.Draining or LifeState.Unloaded } => null,
            { State: LifeState.Failed } failed => failed.Reason,
            { State: LifeState.Queued } queued => queued.Reason ?? "it waits for a free loader",
            var coming => $"it is {(coming.State == LifeState.Warming ? "being warmed" : "being loaded")}",
        };
    }

    private bool TryAcquire(int version, bool isRequest, [NotNullWhen(true)] out VersionLease? lease, [NotNullWhen(false)] out string? why)
    {
        lease = null;
        why = null;
        if (!_versions.ContainsKey(version))
            why = $"it is not in serving (available: {Available()})";
        else if (_host.TryAcquire(new ModelVersionId(Plan.Model, version), out var held, isRequest))
            lease = new VersionLease(held, this);
        else
            why = WhyNotReady(version) ?? "it is not in memory";
        return lease is not null;
    }

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
