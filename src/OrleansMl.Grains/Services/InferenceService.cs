using System.Collections.Immutable;
using System.Globalization;
using OrleansMl.Catalog;
using OrleansMl.Inference;
using OrleansMl.Serving;

namespace OrleansMl.Services;

/// <inheritdoc cref="IInferenceService"/>
internal sealed class InferenceService(CatalogCache catalog, PlanCache plans, LocalReplicas local, ReplicaRouter router, ResponseCache cache, EnsembleModels ensembles) : IInferenceService
{
    public ImmutableArray<string> ListModels() => [.. plans.Models];

    public async Task<OmlResult<ServedModel>> DescribeAsync(string model, string? version, CancellationToken cancellationToken)
    {
        var found = await FindAsync(model, version, cancellationToken);
        if (!found.TryGet(out var target, out var error))
            return error;
        var (view, number) = target;
        var manifest = view.Plan.Versions.First(v => v.Version == number);
        var reason = ensembles.WhyNotReady(view, number);
        return new ServedModel(manifest, [.. view.Plan.Versions.Select(v => v.Version)], reason is null, reason) { Config = ShownDevices.Of(view.ConfigOf(manifest), view.LifeOf(number)?.Places ?? []) };
    }

    public async Task<OmlResult<InferResult>> InferAsync(InferRequest request, CancellationToken cancellationToken)
    {
        if (await WhyUnknownAsync(request.Model, cancellationToken) is { } unknown)
            return unknown;
        var (number, alias) = ParseVersion(request.Version);
        var view = await plans.GetAsync(request.Model, cancellationToken);
        if (!router.IsAlone && view.Resolve(number, alias, view.PointOf(null)).TryGet(out var meant, out _) && meant is { } version && router.MayRoute(new ModelVersionId(request.Model, version)))
            return await RouteAsync(request, view, version, number, alias, cancellationToken);
        return await InferHereAsync(request, number, alias, cancellationToken);
    }

    public async Task<VersionStatistics?> ReadStatisticsAsync(string model, int version, CancellationToken cancellationToken)
    {
        if (await WhyUnknownAsync(model, cancellationToken) is not null)
            return null;
        var view = await plans.GetAsync(model, cancellationToken);
        return view.Plan.Versions.FirstOrDefault(v => v.Version == version) is { } manifest && view.StatisticsOf(manifest) is { } runs
            ? new VersionStatistics(runs, cache.StatisticsOf(model, version))
            : null;
    }

    /// <summary>Where a replica is chosen. Apart, so that a request that needs no choice pays nothing for it.</summary>
    private async Task<OmlResult<InferResult>> RouteAsync(InferRequest request, PlanView view, int version, int? number, string? alias, CancellationToken cancellationToken)
    {
        var config = view.ConfigOf(view.ManifestOf(version)!);
        var routed = await router.InferAsync(request, version, config.Message.SequenceBatching is not null, () => InferHereAsync(request, number, alias, cancellationToken), cancellationToken);
        if (!routed.TryGet(out var answer, out _) || answer.Config is not null)
            return routed;
        return answer with { Config = view.ManifestOf(answer.Version) is { } answering ? view.ConfigOf(answering) : config };
    }

    /// <summary>On the version that the plan names in the moment in which a lease of it is taken.</summary>
    private async Task<OmlResult<InferResult>> InferHereAsync(InferRequest request, int? number, string? alias, CancellationToken cancellationToken)
    {
        var acquired = await plans.AcquireAsync(request.Model, number, alias, null, cancellationToken);
        if (!acquired.TryGet(out var lease, out var error))
            return Explain(error, request.Model, request.Version);
        if (lease is null)
            return NothingServes(request.Model);
        using (lease)
            return await local.RunAsync(request, lease, isDrawn: request.Version is null, cancellationToken);
    }

    private async Task<OmlResult<(PlanView View, int Version)>> FindAsync(string model, string? version, CancellationToken cancellationToken)
    {
        if (await WhyUnknownAsync(model, cancellationToken) is { } unknown)
            return unknown;
        var view = await plans.GetAsync(model, cancellationToken);
        var (number, alias) = ParseVersion(version);
        var resolved = view.Resolve(number, alias);
        if (!resolved.TryGet(out var meant, out var error))
            return Explain(error, model, version);
        return meant is null ? NothingServes(model) : (view, meant.Value);
    }

    /// <summary>Asking a grain about every name that a caller makes up would activate one for each.</summary>
    private async ValueTask<OmlError?> WhyUnknownAsync(string model, CancellationToken cancellationToken)
    {
        if (plans.TryGet(model, out _))
            return null;
        await catalog.Loaded.WaitAsync(cancellationToken);
        return catalog.Current.Snapshot.RegisteredModels.Contains(model) ? null : UnknownModel(model);
    }

    private static (int? Number, string? Alias) ParseVersion(string? version) =>
        version is null ? (null, null)
        : int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? (number, null)
        : (null, version);

    private static OmlError NothingServes(string model) => OmlError.Unavailable("not_ready", $"Request for unknown model: '{model}' has no available versions; load one.");

    private static OmlError Explain(OmlError error, string model, string? version) => error.Status == 404
        ? error with { Detail = $"Request for unknown model: '{model}' version {version} is not found. {error.Detail}" }
        : error;

    /// <summary>With the phrase that clients of the protocol look for.</summary>
    private static OmlError UnknownModel(string model) => OmlError.NotFound("unknown_model", $"Request for unknown model: '{model}' is not found");
}
