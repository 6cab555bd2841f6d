using System.Collections.Immutable;
using System.Globalization;

namespace OrleansMl.Jobs;

/// <content>What who runs the job says of an attempt; an attempt that is over is fenced off.</content>
internal sealed partial class JobGrain
{
    /// <summary>Attempts that the manifest remembers.</summary>
    private const int KeptAttempts = 100;

    public async Task<OmlResult<JobTicket>> BeginAsync(JobClaim claim)
    {
        if (state.State.Status is not { } status)
        {
            // A crash between the row and the job: nobody was told of it.
            await store.RemoveAsync(Id);
            return Unknown();
        }

        if (status.IsFinal)
        {
            // A crash between the job's end and its row.
            await PutRowAsync();
            return OmlError.Conflict($"Job '{Id}' has {NameOf(status.State)} already.", NameOf(status.State), "job_ended");
        }

        if (status.State == JobState.Running && status.Owner != claim.GoneOwner)
            return OmlError.Conflict($"Job '{Id}' is run by {status.Owner}.", status.Owner, "job_running");
        if (status.IsCancelling)
        {
            await EndAsync(new JobOutcome(JobState.Cancelled, null, null));
            return OmlError.Conflict($"Job '{Id}' is cancelled.", "cancelled", "job_ended");
        }

        var idle = state.State.IdleAttempts + (status.State == JobState.Running ? 1 : 0);
        if (idle >= claim.MaxIdleAttempts)
        {
            var detail = $"Job '{Id}' was interrupted {idle} times in a row at the same place (attempt {status.Attempt}, step '{status.Step ?? "none"}'); see its log, and repeat it once the cause is gone.";
            await EndAsync(new JobOutcome(JobState.Failed, null, new OmlError("interrupted", 503, detail)));
            return OmlError.Conflict(detail, "failed", "job_ended");
        }

        var (attempt, now) = (status.Attempt + 1, Now);
        await ChangeAsync(s =>
        {
            s.IdleAttempts = idle;
            s.Attempts = [.. Closed(s.Attempts, now, "its silo is gone").TakeLast(KeptAttempts - 1), new JobAttempt(attempt, claim.Owner, now, null, null)];
            s.Status = status with
            {
                State = JobState.Running,
                Attempt = attempt,
                Owner = claim.Owner,
                Started = status.Started ?? now,
                EtaSeconds = null,
                Transitions = status.Transitions + 1,
            };
        });
        await PutRowAsync();
        if (attempt > 1)
            await AppendAsync([new JobLogLine("warning", $"Attempt {attempt} goes on from {(state.State.CheckpointStep is { } step ? $"the checkpoint of step '{step}'" : "the beginning")}, on {claim.Owner}.")]);
        instruments.Started(status.Spec.Kind, attempt);
        return new JobTicket(attempt, status.Spec, state.State.CheckpointStep, state.State.Checkpoint is { } saved ? new ReadOnlyMemory<byte>(saved) : (ReadOnlyMemory<byte>?)null);
    }

    public async Task<OmlResult<JobDirective>> SaveAsync(int attempt, byte[] checkpoint, JobProgress progress)
    {
        if (WhyFenced(attempt) is { } fenced)
            return fenced;
        await ChangeAsync(s =>
        {
            s.Checkpoint = checkpoint;
            s.CheckpointStep = progress.Step;
            s.IdleAttempts = 0;
            s.Status = With(s.Status!, progress);
        });
        return Directive();
    }

    public Task<OmlResult<JobDirective>> ReportAsync(int attempt, JobProgress progress)
    {
        if (WhyFenced(attempt) is { } fenced)
            return Task.FromResult<OmlResult<JobDirective>>(fenced);
        var status = With(state.State.Status!, progress);
        state.State.Status = status with { Revision = status.Revision + 1 };
        _changed.Raise();
        return Task.FromResult<OmlResult<JobDirective>>(Directive());
    }

    public async Task<OmlResult<JobDirective>> LogAsync(int attempt, ImmutableArray<JobLogLine> lines)
    {
        if (WhyFenced(attempt) is { } fenced)
            return fenced;
        await AppendAsync(lines);
        return Directive();
    }

    public async Task<OmlResult<JobStatus>> FinishAsync(int attempt, JobOutcome outcome)
    {
        // A repeat of what was stored, and whose answer was lost.
        if (state.State.Status is { IsFinal: true } ended && ended.Attempt == attempt)
            return ended;
        return WhyFenced(attempt) is { } fenced ? fenced : await EndAsync(outcome);
    }

    public async Task<OmlResult<JobStatus>> ReleaseAsync(int attempt, string reason, bool isFault)
    {
        if (WhyFenced(attempt) is { } fenced)
            return fenced;
        if (state.State.Status!.IsCancelling)
            return await EndAsync(new JobOutcome(JobState.Cancelled, null, null));
        await ChangeAsync(s =>
        {
            s.IdleAttempts += isFault ? 1 : 0;
            s.Attempts = Closed(s.Attempts, Now, reason);
            s.Status = s.Status! with { State = JobState.Queued, Owner = null, EtaSeconds = null, Transitions = s.Status.Transitions + 1 };
        });
        await PutRowAsync();
        await AppendAsync([new JobLogLine(isFault ? "warning" : "information", $"Attempt {attempt} was interrupted: {reason}")]);
        return state.State.Status!;
    }

    private static JobStatus With(JobStatus status, JobProgress progress) =>
        status with { Step = progress.Step, Progress = progress.Fraction, EtaSeconds = progress.EtaSeconds, Metrics = progress.Metrics };

    private static ImmutableArray<JobAttempt> Closed(ImmutableArray<JobAttempt> attempts, DateTime now, string reason) =>
        attempts is [.., { Ended: null } last] ? attempts.SetItem(attempts.Length - 1, last with { Ended = now, Reason = reason }) : attempts;

    private JobDirective Directive() => state.State.Status!.IsCancelling ? JobDirective.Cancel : JobDirective.Continue;

    private OmlError? WhyFenced(int attempt) => state.State.Status switch
    {
        null => Unknown(),
        { State: JobState.Running } status when status.Attempt == attempt => null,
        var status => OmlError.Conflict($"Attempt {attempt} of job '{Id}' is over: the job is {NameOf(status.State)} in attempt {status.Attempt}.", status.Attempt.ToString(CultureInfo.InvariantCulture), IJobGrain.Fenced),
    };
}
