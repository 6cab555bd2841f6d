using System.Collections.Concurrent;
using OrleansMl.Jobs;

namespace OrleansMl.Grains.Tests.Retraining;

/// <summary>Takes the place of what retrains: notes what it is asked for, and runs until the test lets it go. Every silo has the same one.</summary>
internal sealed class RecordingRunner : IJobRunner
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new(StringComparer.Ordinal);

    public string Kind => "retrain";

    /// <summary>Runs before a job of a model is made; null: nothing does. An error refuses it.</summary>
    public Func<JobSpec, OmlError?>? Prepare { get; set; }

    /// <summary>Jobs of this model run until <see cref="Release"/>; others end at once.</summary>
    public void Hold(string model) => _gates[model] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release(string model)
    {
        if (_gates.TryRemove(model, out var gate))
            gate.SetResult();
    }

    public Task<OmlResult<JobSpec>> PrepareAsync(JobSpec spec, CancellationToken cancellationToken) =>
        Task.FromResult<OmlResult<JobSpec>>(Prepare?.Invoke(spec) is { } error ? error : spec);

    public async Task<OmlResult<string>> RunAsync(IJobContext context)
    {
        if (_gates.TryGetValue(context.Spec.Model!, out var gate))
            await gate.Task.WaitAsync(context.Cancellation);
        return "{}";
    }

    public void CleanUp(string jobId)
    {
    }
}
