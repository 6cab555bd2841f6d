using System.Collections.Immutable;
using OrleansMl.Storage;

namespace OrleansMl.Jobs;

/// <summary>Jobs as callers have them. One for each silo; the gateway calls it directly.</summary>
public interface IJobService
{
    /// <summary>Checks and makes a job; it runs as soon as there is a place.</summary>
    Task<OmlResult<JobStatus>> CreateAsync(JobSpec spec, CancellationToken cancellationToken);

    /// <summary>The same under an id that the caller has: the same again makes no other job.</summary>
    /// <param name="id">32 hexadecimal digits of a version 7 UUID.</param>
    /// <param name="spec">What it shall do.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<OmlResult<JobStatus>> CreateAsync(string id, JobSpec spec, CancellationToken cancellationToken);

    /// <summary>unknown_job where there is none, here and below.</summary>
    Task<OmlResult<JobStatus>> GetAsync(string id, CancellationToken cancellationToken);

    /// <summary>Newest first, at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<JobStatus>> ListAsync(JobFilter filter, int limit, CancellationToken cancellationToken);

    Task<OmlResult<JobStatus>> CancelAsync(string id, CancellationToken cancellationToken);

    /// <summary>
    /// Removes a job that has ended, with its log, its files, and the data sets that only it names; answers with what it was. 409: job_open,
    /// job_kept (it made a version that is there), job_in_use (another repeats it now).
    /// </summary>
    Task<OmlResult<JobStatus>> DeleteAsync(string id, CancellationToken cancellationToken);

    /// <summary>Makes another job that does the same, on the same version and data set.</summary>
    Task<OmlResult<JobStatus>> RepeatAsync(string id, string by, CancellationToken cancellationToken);

    Task<OmlResult<JobReport>> GetManifestAsync(string id, CancellationToken cancellationToken);

    /// <summary>Lines after a sequence (exclusive), ascending.</summary>
    Task<OmlResult<ImmutableArray<JobLogRow>>> ReadLogAsync(string id, long after, int limit, CancellationToken cancellationToken);

    /// <summary>Answers as soon as the revision is another, else with what stands after some seconds.</summary>
    Task<OmlResult<JobStatus>> WaitAsync(string id, long knownRevision, CancellationToken cancellationToken);
}

/// <summary>A job's manifest, with what it names.</summary>
/// <param name="Manifest">The job and its attempts.</param>
/// <param name="Dataset">What it read; null: nothing, or it is gone.</param>
/// <param name="Version">The version it used; null: none, or it is gone.</param>
public sealed record JobReport(JobManifest Manifest, DatasetRecord? Dataset, VersionManifest? Version)
{
    /// <summary>Whether a repeat gives the same; null: the kind says nothing of it.</summary>
    public Repeatability? Repeat { get; init; }
}
