using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;
using OrleansMl.Storage;

namespace OrleansMl.Jobs;

/// <inheritdoc cref="IJobGrain"/>
/// <remarks>
/// The state is the truth, its ETag the fence between two activations, the attempt's number the fence between two runs. The row of
/// the index is written before the job comes into being and after each change of its state, so that no job is missing in it.
/// </remarks>
[GrainType("oml.job")]
internal sealed partial class JobGrain(
    [PersistentState("job", OmlNames.Storage)] IPersistentState<StoredJob> state,
    IJobStore store,
    JobInstruments instruments,
    IHostApplicationLifetime lifetime,
    [FromKeyedServices(OmlNames.Clock)] TimeProvider clock) : Grain, IJobGrain
{
    /// <summary>Lines of a log; what is said beyond is left out, and the last line says so.</summary>
    private const int MaxLogLines = 10_000;

    private readonly ChangeSignal _changed = new(lifetime);

    /// <summary>What readers see: they interleave with a write, and what is not stored yet did not happen.</summary>
    private StoredJob _shown = new();

    private string Id => this.GetPrimaryKeyString();

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _shown = state.State;
        if (state.State.Status is not { } status)
            return;
        // Lines are stored apart: some may be there that the state does not know of.
        state.State.Status = status with { LogSequence = await store.LastLogSequenceAsync(Id, cancellationToken) };
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _changed.Raise();
        return Task.CompletedTask;
    }

    public Task<JobStatus> CreateAsync(JobSpec spec) => AddAsync(new JobStatus { Id = Id, Spec = spec, Created = Now });

    public Task<JobStatus> RecordAsync(JobSpec spec, string result) => AddAsync(new JobStatus
    {
        Id = Id,
        Spec = spec,
        State = JobState.Succeeded,
        Created = Now,
        Started = Now,
        Ended = Now,
        Attempt = 1,
        Progress = 1,
        Result = result,
    });

    public Task<OmlResult<JobStatus>> GetAsync() => Task.FromResult<OmlResult<JobStatus>>(_shown.Status is { } status ? status : Unknown());

    public Task<OmlResult<JobManifest>> GetManifestAsync() =>
        Task.FromResult<OmlResult<JobManifest>>(_shown.Status is { } status ? new JobManifest(status, _shown.Attempts) : Unknown());

    public async Task<OmlResult<JobStatus>> WaitAsync(long knownRevision, CancellationToken cancellationToken)
    {
        if (_shown.Status is { IsFinal: false } status && status.Revision == knownRevision)
            await _changed.WaitAsync(cancellationToken);
        return await GetAsync();
    }

    public async Task<OmlResult<JobStatus>> CancelAsync()
    {
        if (state.State.Status is not { } status)
            return Unknown();
        if (status.State == JobState.Cancelled || status.IsCancelling)
            return status;
        if (status.IsFinal)
            return OmlError.Conflict($"Job '{Id}' has {NameOf(status.State)} already; nothing is left to cancel.", NameOf(status.State), "job_ended");
        if (status.State == JobState.Queued)
            return await EndAsync(new JobOutcome(JobState.Cancelled, null, null));
        await ChangeAsync(s => s.Status = s.Status! with { IsCancelling = true });
        return state.State.Status;
    }

    /// <summary>The word of a state in the interface.</summary>
    internal static string NameOf(JobState state) => state switch
    {
        JobState.Queued => "queued",
        JobState.Running => "running",
        JobState.Succeeded => "succeeded",
        JobState.Failed => "failed",
        _ => "cancelled",
    };

    private async Task<JobStatus> AddAsync(JobStatus status)
    {
        if (state.State.Status is { } known)
            return known;
        // First the row: a job that no list shows would never be run.
        await store.PutAsync(RowOf(status));
        await ChangeAsync(s => s.Status = status with { Transitions = 1 });
        instruments.Created(status.Spec.Kind);
        return state.State.Status!;
    }

    private async Task<JobStatus> EndAsync(JobOutcome outcome)
    {
        // Before the end: who follows the job goes once it has ended.
        if (outcome.Error is { } error)
            await AppendAsync([new JobLogLine("error", error.Detail)]);
        var now = Now;
        await ChangeAsync(s =>
        {
            s.Attempts = Closed(s.Attempts, now, NameOf(outcome.State));
            // What was saved on the way is of no use to anyone any more.
            s.Checkpoint = null;
            s.Status = s.Status! with
            {
                State = outcome.State,
                Owner = null,
                EtaSeconds = null,
                IsCancelling = false,
                Ended = now,
                Progress = outcome.State == JobState.Succeeded ? 1 : s.Status.Progress,
                Result = outcome.Result,
                Error = outcome.Error,
                Transitions = s.Status.Transitions + 1,
            };
        });
        var status = state.State.Status!;
        await PutRowAsync();
        instruments.Ended(status.Spec.Kind, NameOf(outcome.State), now - (status.Started ?? status.Created));
        return state.State.Status!;
    }

    /// <summary>Changes, stores, and only then shows it; a failed write leaves what was.</summary>
    private async Task ChangeAsync(Action<StoredJob> change)
    {
        var before = state.State;
        var after = before.Copy();
        change(after);
        after.Status = after.Status! with { Revision = after.Status.Revision + 1 };
        state.State = after;
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            state.State = before;
            throw;
        }

        _shown = after;
        _changed.Raise();
    }

    private async Task AppendAsync(ImmutableArray<JobLogLine> lines)
    {
        var (last, now) = (state.State.Status!.LogSequence, Now);
        var rows = lines.Take((int)Math.Max(0, MaxLogLines - last)).Select((line, i) => new JobLogRow(last + 1 + i, now, line.Level, line.Text)).ToList();
        if (rows.Count == 0)
            return;
        if (rows[^1].Sequence == MaxLogLines)
            rows[^1] = rows[^1] with { Level = "warning", Text = $"The log has {MaxLogLines.ToString(CultureInfo.InvariantCulture)} lines; what comes after is left out." };
        await store.AppendLogAsync(Id, rows);
        var status = state.State.Status;
        state.State.Status = status with { LogSequence = rows[^1].Sequence, Revision = status.Revision + 1 };
        _changed.Raise();
    }

    private ValueTask PutRowAsync() => store.PutAsync(RowOf(state.State.Status!));

    internal static JobRow RowOf(JobStatus status) =>
        new(status.Id, status.Spec.Kind, status.Spec.Model ?? "", NameOf(status.State), !status.IsFinal, JsonSerializer.SerializeToUtf8Bytes(status, JobDocument.Default.JobStatus));

    private OmlError Unknown() => OmlError.NotFound("unknown_job", $"There is no job '{Id}'.");
}
