using Microsoft.Extensions.Logging;
using OrleansMl.Retraining;
using OrleansMl.Storage;

namespace OrleansMl.Jobs.Retention;

/// <summary>
/// Removes what attempts that were cut off left: data sets that no result names, scratch files, contents without a data set. What belongs
/// to a job that has not ended is let alone, whichever of its attempts wrote it: the next may go on from it.
/// </summary>
internal sealed partial class LeftoverSweep(JobRemoval removal, IJobStore store, IDatasetStore datasets, ILogger<LeftoverSweep> logger)
{
    private const int Page = 200;

    /// <summary>A scratch file whose job nobody knows is let alone for so long after its last write.</summary>
    private static readonly TimeSpan UnknownFor = TimeSpan.FromDays(1);

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        var (sets, files) = (await SweepDatasetsAsync(cancellationToken), await SweepScratchAsync(cancellationToken));
        var contents = await datasets.DeleteOrphanedContentAsync(cancellationToken);
        if (sets + files + contents > 0)
            LogSwept(logger, sets, files, contents);
    }

    private async Task<int> SweepDatasetsAsync(CancellationToken cancellationToken)
    {
        var (removed, before) = (0, (long?)null);
        while (true)
        {
            var (open, sources) = await removal.ReadNeedsAsync(cancellationToken);
            var page = await datasets.ListAsync(new DatasetFilter { Before = before }, Page, cancellationToken);
            foreach (var dataset in page)
            {
                if (!await IsLeftAsync(dataset, open, sources, cancellationToken))
                    continue;
                await datasets.DeleteAsync(dataset.Id, cancellationToken);
                LogRemoved(logger, dataset.Id, dataset.Rows, dataset.Job!);
                removed++;
            }

            if (page.Count < Page)
                return removed;
            before = page[^1].Sequence;
        }
    }

    /// <summary>An attempt wrote it, its job has ended, and neither the job's result nor anything else names it.</summary>
    private async Task<bool> IsLeftAsync(DatasetRecord dataset, OpenJobs open, VersionSources sources, CancellationToken cancellationToken)
    {
        if (dataset.Job is not { } job || !dataset.Id.StartsWith(job + "-", StringComparison.Ordinal) || open.UserOf(dataset) is not null || sources.Naming(dataset) is not null)
            return false;
        return await store.FindAsync(job, cancellationToken) is { IsOpen: false } row
            && JobDocument.Read(row).Result?.Contains($"\"{dataset.Id}\"", StringComparison.Ordinal) != true;
    }

    private async Task<int> SweepScratchAsync(CancellationToken cancellationToken)
    {
        var removed = 0;
        foreach (var job in datasets.ListScratch().Where(entry => entry.Name.Contains('.', StringComparison.Ordinal)).GroupBy(entry => entry.Name[..entry.Name.IndexOf('.', StringComparison.Ordinal)], StringComparer.Ordinal))
        {
            var row = await store.FindAsync(job.Key, cancellationToken);
            if (row is { IsOpen: true } || (row is null && job.Max(entry => entry.Written) > DateTime.UtcNow - UnknownFor))
                continue;
            try
            {
                datasets.DeleteScratch(job.Key + ".");
                removed += job.Count();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                LogNotRemoved(logger, job.Key, exception);
            }
        }

        return removed;
    }

    [LoggerMessage(LogLevel.Information, "Left by attempts that were cut off, and removed: {Sets} data sets, {Files} scratch files and {Contents} contents.")]
    private static partial void LogSwept(ILogger logger, int sets, int files, int contents);

    [LoggerMessage(LogLevel.Information, "Data set {Dataset} ({Rows} rows) is removed: job {Job} has ended and does not name it.")]
    private static partial void LogRemoved(ILogger logger, string dataset, long rows, string job);

    [LoggerMessage(LogLevel.Warning, "Scratch files of job {Job} could not be removed; a later sweep tries again.")]
    private static partial void LogNotRemoved(ILogger logger, string job, Exception exception);
}
