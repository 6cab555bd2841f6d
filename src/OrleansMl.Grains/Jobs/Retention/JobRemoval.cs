using System.Collections.Frozen;
using OrleansMl.Retraining;
using OrleansMl.Services;
using OrleansMl.Storage;

namespace OrleansMl.Jobs.Retention;

/// <summary>
/// Removes jobs that have ended, with what only they need: log, scratch files, and the data sets that they wrote, unless a data set was
/// what was asked for. A job that made a version which is there is kept, as the version's lineage names it, and it can be repeated.
/// </summary>
internal sealed class JobRemoval(IGrainFactory grains, IJobStore store, IDatasetStore datasets, IControlService control, JobInstruments instruments, IEnumerable<IJobRunner> runners)
{
    private readonly FrozenDictionary<string, IJobRunner> _runners = runners.ToFrozenDictionary(runner => runner.Kind, StringComparer.Ordinal);

    /// <summary>What jobs and versions need now.</summary>
    public async Task<(OpenJobs Open, VersionSources Sources)> ReadNeedsAsync(CancellationToken cancellationToken) =>
        (await OpenJobs.ReadAsync(store, _runners, cancellationToken), await VersionSources.ReadAsync(control, cancellationToken));

    /// <summary>Answers with the job as it was; a conflict where it has not ended, or is needed.</summary>
    /// <param name="id">Of the job, which is in the index.</param>
    /// <param name="why">asked | retention, for the metrics.</param>
    /// <param name="open">What jobs need.</param>
    /// <param name="sources">What versions need.</param>
    /// <param name="cancellationToken">Stops before the next thing; what is left is removed by another call.</param>
    public async Task<OmlResult<JobStatus>> RemoveAsync(string id, string why, OpenJobs open, VersionSources sources, CancellationToken cancellationToken)
    {
        var job = grains.GetGrain<IJobGrain>(id);

        // An earlier removal was cut off between the job and its row.
        if (!(await job.GetAsync()).TryGet(out var status, out _))
            return await job.DeleteAsync();
        if (WhyNot(status, open, sources) is { } needed)
            return needed;

        // The row last: what a crash leaves is found by it and removed again.
        if (_runners.TryGetValue(status.Spec.Kind, out var runner))
        {
            if (!runner.MakesDatasets)
                await RemoveDatasetsAsync(id, open, sources, cancellationToken);
            runner.CleanUp(id);
        }

        var removed = await job.DeleteAsync();
        if (removed.IsSuccess)
            instruments.Removed(status.Spec.Kind, why);
        return removed;
    }

    private static OmlError? WhyNot(JobStatus status, OpenJobs open, VersionSources sources)
    {
        var id = status.Id;
        if (!status.IsFinal)
            return JobGrain.Open(status);
        if (sources.MadeBy(id)?.Manifest is { } version)
            return OmlError.Conflict($"Job '{id}' made version {version.Version} of model '{version.Model}', whose lineage names it; it is kept as long as the version. Delete that first.", $"{version.Model}/{version.Version}", "job_kept");
        return open.RepeatOf(id) is { } repeat
            ? OmlError.Conflict($"Job '{repeat}' repeats job '{id}' and has not ended; wait for its end, or cancel it.", repeat, "job_in_use")
            : null;
    }

    private async Task RemoveDatasetsAsync(string job, OpenJobs open, VersionSources sources, CancellationToken cancellationToken)
    {
        foreach (var dataset in await datasets.ListAsync(new DatasetFilter { WrittenBy = job }, int.MaxValue, cancellationToken))
        {
            if (open.UserOf(dataset) is null && sources.Naming(dataset) is null)
                await datasets.DeleteAsync(dataset.Id, cancellationToken);
        }
    }
}
