using System.Collections.Immutable;

namespace OrleansMl.Jobs;

/// <summary>
/// Does the work of one kind of job. It may be cut off at any point, by a kill as well, and is then run again with the last checkpoint
/// it saved; what it does outside of its checkpoints must bear being done twice.
/// </summary>
public interface IJobRunner
{
    /// <summary>The kind that it runs.</summary>
    string Kind { get; }

    /// <summary>Checks a job before it is made, and resolves what it means now (the version of an alias); an error refuses it.</summary>
    Task<OmlResult<JobSpec>> PrepareAsync(JobSpec spec, CancellationToken cancellationToken);

    /// <summary>
    /// Runs it, on a thread that is the job's: awaits come back to that thread as long as they keep their context. Answers with the
    /// result, a JSON object, or with why it failed.
    /// </summary>
    /// <exception cref="OperationCanceledException">The context's token was cancelled.</exception>
    /// <exception cref="JobFencedException">Another attempt has begun.</exception>
    Task<OmlResult<string>> RunAsync(IJobContext context);

    /// <summary>Whether the job, done again, gives the same; null: the kind says nothing of it.</summary>
    Repeatability? RepeatabilityOf(JobStatus status) => null;

    /// <summary>Data sets that such a job reads until it has ended.</summary>
    ValueTask<ImmutableArray<string>> ReadsAsync(JobSpec spec, CancellationToken cancellationToken) => new(spec.Dataset is { } dataset ? [dataset] : []);

    /// <summary>A data set is what such a job is made for: it stays when the job is removed.</summary>
    bool MakesDatasets => false;

    /// <summary>Removes what a job that has ended left behind. Called once it has ended, and perhaps again.</summary>
    void CleanUp(string jobId);
}
