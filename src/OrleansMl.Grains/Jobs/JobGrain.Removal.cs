namespace OrleansMl.Jobs;

/// <remarks>A job that has ended can be forgotten; what is needed of it is asked by whoever does that.</remarks>
internal sealed partial class JobGrain
{
    public async Task<OmlResult<JobStatus>> DeleteAsync()
    {
        if (state.State.Status is { IsFinal: false } open)
            return Open(open);
        var status = state.State.Status;
        if (status is not null)
        {
            await state.ClearStateAsync();
            _shown = new StoredJob();
            _changed.Raise();
        }

        // The row last: as long as it is there, whoever removes the job comes by here again.
        await store.RemoveAsync(Id);
        DeactivateOnIdle();
        return status is null ? Unknown() : status;
    }

    /// <summary>A job that has not ended cannot be removed.</summary>
    internal static OmlError Open(JobStatus status) =>
        OmlError.Conflict($"Job '{status.Id}' is {NameOf(status.State)}; only a job that has ended is removed. Cancel it, or wait for its end.", NameOf(status.State), "job_open");
}
