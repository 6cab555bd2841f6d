using System.Collections.Immutable;
using Orleans.Concurrency;

namespace OrleansMl;

/// <summary>
/// One job (key: its id), whatever its kind: what it shall do, where it stands, its last checkpoint. The work itself runs beside the
/// grains; each attempt has a number, and what an earlier attempt says is refused (<c>fenced</c>), so that two never both count.
/// </summary>
[Alias("oml.IJobGrain")]
public interface IJobGrain : IGrainWithStringKey
{
    /// <summary>Code of the error that an attempt gets once another has begun.</summary>
    const string Fenced = "fenced";

    /// <summary>Makes the job; it waits to be run. The same again changes nothing.</summary>
    [Alias("Create")]
    Task<JobStatus> CreateAsync(JobSpec spec);

    /// <summary>Makes a job whose work is done already, so that it can be referred to.</summary>
    [Alias("Record")]
    Task<JobStatus> RecordAsync(JobSpec spec, string result);

    /// <summary>unknown_job where there is none.</summary>
    [ReadOnly, AlwaysInterleave, Alias("Get")]
    Task<OmlResult<JobStatus>> GetAsync();

    [ReadOnly, AlwaysInterleave, Alias("GetManifest")]
    Task<OmlResult<JobManifest>> GetManifestAsync();

    /// <summary>Answers as soon as the revision is another than <paramref name="knownRevision"/>, else with what stands after some seconds.</summary>
    [ReadOnly, AlwaysInterleave, Alias("Wait")]
    Task<OmlResult<JobStatus>> WaitAsync(long knownRevision, CancellationToken cancellationToken);

    /// <summary>Ends a job that waits; asks one that runs to stop. Conflict where it has ended otherwise.</summary>
    [Alias("Cancel")]
    Task<OmlResult<JobStatus>> CancelAsync();

    /// <summary>Begins the next attempt. Conflict where the job does not wait and its owner is another than the claim says is gone.</summary>
    [Alias("Begin")]
    Task<OmlResult<JobTicket>> BeginAsync(JobClaim claim);

    /// <summary>Stores a checkpoint: what the next attempt begins with.</summary>
    [Alias("Save")]
    Task<OmlResult<JobDirective>> SaveAsync(int attempt, byte[] checkpoint, JobProgress progress);

    /// <summary>Says how far the attempt is; not stored.</summary>
    [Alias("Report")]
    Task<OmlResult<JobDirective>> ReportAsync(int attempt, JobProgress progress);

    [Alias("Log")]
    Task<OmlResult<JobDirective>> LogAsync(int attempt, ImmutableArray<JobLogLine> lines);

    /// <summary>Ends the job.</summary>
    [Alias("Finish")]
    Task<OmlResult<JobStatus>> FinishAsync(int attempt, JobOutcome outcome);

    /// <summary>Gives the job back unfinished: another attempt goes on from its checkpoint.</summary>
    /// <param name="attempt">Number of the attempt.</param>
    /// <param name="reason">Why, for the log.</param>
    /// <param name="isFault">It counts among the attempts that came to nothing; a silo that stops does not.</param>
    [Alias("Release")]
    Task<OmlResult<JobStatus>> ReleaseAsync(int attempt, string reason, bool isFault);

    /// <summary>Forgets a job that has ended, its row and its log; answers with what it was. job_open where it has not ended.</summary>
    [Alias("Delete")]
    Task<OmlResult<JobStatus>> DeleteAsync();
}
