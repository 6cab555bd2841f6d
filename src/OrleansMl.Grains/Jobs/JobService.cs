using System.Collections.Immutable;
using OrleansMl.Jobs.Retention;
using OrleansMl.Storage;

namespace OrleansMl.Jobs;

/// <inheritdoc cref="IJobService"/>
internal sealed class JobService(IGrainFactory grains, IJobStore store, IDatasetStore datasets, JobHost host, JobRemoval removal, IEnumerable<IJobRunner> runners) : IJobService
{
    private readonly Dictionary<string, IJobRunner> _runners = runners.ToDictionary(r => r.Kind, StringComparer.Ordinal);

    public Task<OmlResult<JobStatus>> CreateAsync(JobSpec spec, CancellationToken cancellationToken) =>
        CreateAsync(Guid.CreateVersion7().ToString("n"), spec, cancellationToken);

    public async Task<OmlResult<JobStatus>> CreateAsync(string id, JobSpec spec, CancellationToken cancellationToken)
    {
        if (!_runners.TryGetValue(spec.Kind, out var runner))
        {
            var detail = $"Jobs of kind '{spec.Kind}' cannot be run here; known kinds are {string.Join(", ", _runners.Keys.Order(StringComparer.Ordinal))}.";
            return OmlError.Invalid(detail, "unknown_kind") with { Faults = [new OmlFault("unknown_kind", detail) { Pointer = "/kind" }] };
        }

        var prepared = await runner.PrepareAsync(spec, cancellationToken);
        if (!prepared.TryGet(out var ready, out var error))
            return error;
        var status = await grains.GetGrain<IJobGrain>(id).CreateAsync(ready);
        host.Wake();
        return status;
    }

    public async Task<OmlResult<JobStatus>> GetAsync(string id, CancellationToken cancellationToken) =>
        await WhyUnknownAsync(id, cancellationToken) is { } unknown ? unknown : await grains.GetGrain<IJobGrain>(id).GetAsync();

    public async Task<IReadOnlyList<JobStatus>> ListAsync(JobFilter filter, int limit, CancellationToken cancellationToken)
    {
        var rows = await store.ListAsync(filter, limit, cancellationToken);

        // What runs has come further than its row says.
        return await Task.WhenAll(rows.Select(async row =>
            row.IsOpen && (await grains.GetGrain<IJobGrain>(row.Id).GetAsync()).TryGet(out var status, out _)
                ? status
                : JobDocument.Read(row)));
    }

    public async Task<OmlResult<JobStatus>> CancelAsync(string id, CancellationToken cancellationToken)
    {
        if (await WhyUnknownAsync(id, cancellationToken) is { } unknown)
            return unknown;
        var cancelled = await grains.GetGrain<IJobGrain>(id).CancelAsync();
        if (!cancelled.TryGet(out var status, out _))
            return cancelled;
        host.Cancel(id);
        if (status.IsFinal && _runners.TryGetValue(status.Spec.Kind, out var runner))
            runner.CleanUp(id);
        return cancelled;
    }

    public async Task<OmlResult<JobStatus>> DeleteAsync(string id, CancellationToken cancellationToken)
    {
        if (await WhyUnknownAsync(id, cancellationToken) is { } unknown)
            return unknown;
        var (open, sources) = await removal.ReadNeedsAsync(cancellationToken);
        return await removal.RemoveAsync(id, "asked", open, sources, cancellationToken);
    }

    public async Task<OmlResult<JobStatus>> RepeatAsync(string id, string by, CancellationToken cancellationToken)
    {
        var found = await GetAsync(id, cancellationToken);
        if (!found.TryGet(out var status, out var error))
            return error;

        // The version stands in the specification; the alias may mean another by now.
        return await CreateAsync(status.Spec with { RepeatOf = id, By = by, Alias = status.Spec.Version is null ? status.Spec.Alias : null }, cancellationToken);
    }

    public async Task<OmlResult<JobReport>> GetManifestAsync(string id, CancellationToken cancellationToken)
    {
        if (await WhyUnknownAsync(id, cancellationToken) is { } unknown)
            return unknown;
        var found = await grains.GetGrain<IJobGrain>(id).GetManifestAsync();
        if (!found.TryGet(out var manifest, out var error))
            return error;
        var spec = manifest.Status.Spec;
        var dataset = spec.Dataset is { } name ? await datasets.FindAsync(name, cancellationToken) : null;
        VersionManifest? version = null;
        if (spec is { Model: { } model, Version: { } number })
            version = (await grains.GetGrain<IModelGrain>(model).GetVersionAsync(number)).TryGet(out var info, out _) ? info.Manifest : null;
        return new JobReport(manifest, dataset, version) { Repeat = await RepeatabilityOfAsync(manifest.Status, cancellationToken) };
    }

    public async Task<OmlResult<ImmutableArray<JobLogRow>>> ReadLogAsync(string id, long after, int limit, CancellationToken cancellationToken) =>
        await WhyUnknownAsync(id, cancellationToken) is { } unknown ? unknown : ImmutableArray.CreateRange(await store.ReadLogAsync(id, after, limit, cancellationToken));

    public async Task<OmlResult<JobStatus>> WaitAsync(string id, long knownRevision, CancellationToken cancellationToken) =>
        await WhyUnknownAsync(id, cancellationToken) is { } unknown ? unknown : await grains.GetGrain<IJobGrain>(id).WaitAsync(knownRevision, cancellationToken);

    /// <summary>As the kind says, unless what a repeat would read is gone.</summary>
    private async Task<Repeatability?> RepeatabilityOfAsync(JobStatus status, CancellationToken cancellationToken)
    {
        if (!_runners.TryGetValue(status.Spec.Kind, out var runner))
            return null;
        var repeatability = runner.RepeatabilityOf(status);
        if (repeatability is not { IsRepeatable: true })
            return repeatability;
        foreach (var id in await runner.ReadsAsync(status.Spec with { RepeatOf = status.Id }, cancellationToken))
        {
            if (await datasets.FindAsync(id, cancellationToken) is null)
                return new Repeatability(false, $"data set '{id}', which it read, is gone");
        }

        return repeatability;
    }

    /// <summary>Asking a grain about every id that a caller makes up would activate one for each.</summary>
    private async ValueTask<OmlError?> WhyUnknownAsync(string id, CancellationToken cancellationToken) =>
        await store.FindAsync(id, cancellationToken) is null ? OmlError.NotFound("unknown_job", $"There is no job '{id}'; GET /api/v1/jobs lists what there is.") : null;
}
