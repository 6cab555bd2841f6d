using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansMl.Retraining;
using OrleansMl.Storage;

namespace OrleansMl.Jobs.Retention;

/// <summary>Removes jobs that ended long ago, and the oldest of a kind of which there are too many. Those that are kept for their versions do not count.</summary>
internal sealed partial class JobRetention(JobRemoval removal, IJobStore store, JobOptions options, [FromKeyedServices(OmlNames.Clock)] TimeProvider clock, ILogger<JobRetention> logger)
{
    private const int Page = 200;

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        foreach (var (kind, count) in await store.CountEndedAsync(cancellationToken))
        {
            var removed = await SweepAsync(kind, count, cancellationToken);
            if (removed > 0)
                LogRemoved(logger, removed, kind, options.KeepEnded, options.MaxEnded);
        }
    }

    private async Task<long> SweepAsync(string kind, long count, CancellationToken cancellationToken)
    {
        var (limit, removed, after) = (clock.GetUtcNow().UtcDateTime - options.KeepEnded, 0L, (string?)null);
        long? over = null;
        while (true)
        {
            var (open, sources) = await removal.ReadNeedsAsync(cancellationToken);
            over ??= count <= options.MaxEnded ? 0 : count - await CountKeptAsync(kind, sources, cancellationToken) - options.MaxEnded;
            var page = await store.ListEndedAsync(kind, after, Page, cancellationToken);
            foreach (var row in page)
            {
                var status = JobDocument.Read(row);

                // Those that follow were made later, and ended later still.
                if (over <= removed && status.Created > limit)
                    return removed;
                if (over > removed || status.Ended <= limit)
                    removed += await TryRemoveAsync(row.Id, open, sources, cancellationToken) ? 1 : 0;
            }

            if (page.Count < Page)
                return removed;
            after = page[^1].Id;
        }
    }

    private async Task<long> CountKeptAsync(string kind, VersionSources sources, CancellationToken cancellationToken)
    {
        var kept = 0L;
        foreach (var job in sources.Jobs)
            kept += await store.FindAsync(job, cancellationToken) is { IsOpen: false } row && row.Kind == kind ? 1 : 0;
        return kept;
    }

    /// <summary>One that cannot be removed does not keep the others.</summary>
    private async Task<bool> TryRemoveAsync(string id, OpenJobs open, VersionSources sources, CancellationToken cancellationToken)
    {
        try
        {
            return (await removal.RemoveAsync(id, "retention", open, sources, cancellationToken)).IsSuccess;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotRemoved(logger, id, exception);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Information, "{Count} jobs of kind {Kind} were removed, as they ended more than {Age} ago or there were more than {Most} of the kind.")]
    private static partial void LogRemoved(ILogger logger, long count, string kind, TimeSpan age, int most);

    [LoggerMessage(LogLevel.Warning, "Job {Job} could not be removed; a later sweep tries again.")]
    private static partial void LogNotRemoved(ILogger logger, string job, Exception exception);
}
