using System.Collections.Immutable;
using System.Globalization;
using OrleansMl.Catalog;
using OrleansMl.Inference;
using OrleansMl.Serving;

namespace OrleansMl.Services;

/// <inheritdoc cref="IInferenceService"/>
internal sealed class InferenceService(CatalogCache catalog, PlanCache plans, ShadowRunner shadows, SequenceTracker sequences, ResponseCache cache) : IInferenceService
{
    public ImmutableArray<string> ListModels() => [.. plans.Models];

    public async Task<OmlResult<ServedModel>> DescribeAsync(string model, string? version, CancellationToken cancellationToken)
    {
        var found = await FindAsync(model, version, cancellationToken);
        if (!found.TryGet(out var target, out var error))
            return error;
        var (view, number) = target;
        var manifest = view.Plan.Versions.First(v => v.Version == number);
        var reason = view.WhyNotReady(number);
        return new ServedModel(manifest, [.. view.Plan.Versions.Select(v => v.Version)], reason is null, reason) { Config = ShownDevices.Of(view.ConfigOf(manifest), view.LifeOf(number)?.Places ?? []) };
    }

    public async Task<OmlResult<InferResult>> InferAsync(InferRequest request, CancellationToken cancellationToken)
    {
        if (await WhyUnknownAsync(request.Model, cancellationToken) is { } unknown)
            return unknown;
        var (number, alias) = ParseVersion(request.Version);
        var acquired = await plans.AcquireAsync(request.Model, number, alias, null, cancellationToken);
        if (!acquired.TryGet(out var lease, out var error))
            return Explain(error, request.Model, request.Version);
        if (lease is null)
            return NothingServes(request.Model);
        using (lease)
            return await RunAsync(request, lease, cancellationToken);
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

    private async Task<OmlResult<InferResult>> RunAsync(InferRequest request, VersionLease lease, CancellationToken cancellationToken)
    {
        var manifest = lease.Version.Manifest;
        var config = lease.View.ConfigOf(manifest);
        if (!config.RowsOf(request.Inputs).TryGet(out var rows, out var error))
            return error;
        var inputs = request.Inputs;
        var parameters = request.Parameters;
        if (config.Message.SequenceBatching is { } batching && !sequences.Enter(request.Model, batching, parameters, inputs, rows, manifest).TryGet(out inputs, out error))
            return error;
        ResponseKey? key = config.ResponseLife is null ? null : ResponseKey.Of(manifest, inputs, request.Outputs);
        if (key is { } known && cache.Find(known, manifest.Model, manifest.Version) is { } kept)
            return new InferResult(request.Model, manifest.Version, kept) { Config = config };
        try
        {
            var priority = (int)Math.Min(parameters.Priority, int.MaxValue);
            var answer = await lease.Version.BatcherOf(config).RunAsync(inputs, request.Outputs, priority, parameters.Timeout, cancellationToken);
            if (!answer.TryGet(out var outputs, out var rejection))
                return OmlError.Unavailable(rejection.Reason, $"Model '{request.Model}' version {manifest.Version}: {rejection.Detail}");
            if (key is { } asked)
                cache.Keep(asked, outputs, config.ResponseLife!.Value);
            if (request.Version is null)
                Shadow(request, inputs, outputs);
            return new InferResult(request.Model, manifest.Version, outputs) { Config = config };
        }
        catch (InferenceInputException exception)
        {
            return OmlError.Invalid(exception.Message);
        }
        catch (InferenceRunException exception)
        {
            return OmlError.Invalid(exception.Message, "cannot_run");
        }
    }

    private void Shadow(InferRequest request, IReadOnlyList<Tensor> given, IReadOnlyList<Tensor> returned)
    {
        var versions = shadows.ShadowsOf(request.Model);
        if (versions.Count == 0)
            return;
        // The request's buffers go back to their pool with the answer.
        Tensor[] inputs = [.. given.Select(t => t.Clone())];
        Tensor[] outputs = [.. returned.Select(t => t.Clone())];
        foreach (var version in versions)
            shadows.Post(request.Model, version, loaded => ShadowComparison.OfTensors(outputs, loaded.Artifact.Run(inputs, request.Outputs)));
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
