using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using OrleansMl.Catalog;
using OrleansMl.Inference;
using OrleansMl.Serving;

namespace OrleansMl.Services;

/// <inheritdoc cref="IInferenceService"/>
internal sealed class InferenceService(CatalogCache catalog, PlanCache plans, ShadowRunner shadows, SequenceTracker sequences, IInferenceRecorder recorder) : IInferenceService
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
        return new ServedModel(manifest, [.. view.Plan.Versions.Select(v => v.Version)], reason is null, reason) { Config = view.ConfigOf(manifest) };
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
            return Run(request, lease);
    }

    private OmlResult<InferResult> Run(InferRequest request, VersionLease lease)
    {
        var started = Stopwatch.GetTimestamp();
        var manifest = lease.Version.Manifest;
        var result = RunCore(request, lease, out var rows, out var times);
        var total = Stopwatch.GetElapsedTime(started);
        if (result.IsSuccess)
        {
            recorder.Executed(manifest.Model, manifest.Version, rows, times);
            recorder.Succeeded(manifest.Model, manifest.Version, rows, TimeSpan.Zero, times, total);
            if (request.Version is null)
                Shadow(request, result.Value);
        }
        else
        {
            recorder.Failed(manifest.Model, manifest.Version, total);
        }

        return result;
    }

    private OmlResult<InferResult> RunCore(InferRequest request, VersionLease lease, out int rows, out RunTimes times)
    {
        times = default;
        var manifest = lease.Version.Manifest;
        var config = lease.View.ConfigOf(manifest);
        if (!config.RowsOf(request.Inputs).TryGet(out rows, out var error))
            return error;
        var inputs = request.Inputs;
        if (config.Message.SequenceBatching is { } batching && !sequences.Enter(request.Model, batching, request.Parameters, inputs, rows, manifest).TryGet(out inputs, out error))
            return error;
        try
        {
            return new InferResult(request.Model, manifest.Version, lease.Version.Artifact.Run(inputs, request.Outputs, out times)) { Config = config };
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

    private void Shadow(InferRequest request, InferResult result)
    {
        var versions = shadows.ShadowsOf(request.Model);
        if (versions.Count == 0)
            return;
        // The request's buffers go back to their pool with the answer.
        Tensor[] inputs = [.. request.Inputs.Select(t => t.Clone())];
        Tensor[] outputs = [.. result.Outputs.Select(t => t.Clone())];
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
