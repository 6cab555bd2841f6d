using System.Collections.Immutable;
using OrleansMl.Jobs;

namespace OrleansMl.Grains.Tests.Datasets;

/// <summary>A job whose attempts die at a chosen checkpoint.</summary>
internal sealed class CutContext(JobSpec spec) : IJobContext
{
    private int _left = int.MaxValue;
    private bool _isLost;

    public string JobId { get; } = Guid.NewGuid().ToString("n");

    public int Attempt { get; private set; } = 1;

    public JobSpec Spec => spec;

    public TimeProvider Clock => TimeProvider.System;

    public string? Step { get; private set; }

    public ReadOnlyMemory<byte>? Checkpoint { get; private set; }

    public CancellationToken Cancellation => default;

    /// <summary>The next attempt.</summary>
    /// <param name="after">Checkpoints that go well before it dies.</param>
    /// <param name="isLost">The one at which it dies is not stored.</param>
    public void Begin(int after, bool isLost)
    {
        Attempt++;
        (_left, _isLost) = (after, isLost);
    }

    public void Report(string step, double? fraction, ImmutableSortedDictionary<string, double> metrics) => Assert.InRange(fraction ?? 0, 0, 1);

    public Task SaveAsync(string step, ReadOnlyMemory<byte> checkpoint)
    {
        var dies = _left-- == 0;
        if (!dies || !_isLost)
            (Step, Checkpoint) = (step, checkpoint.ToArray());
        return dies ? throw new Killed() : Task.CompletedTask;
    }

    public Task LogAsync(string level, string text) => Task.CompletedTask;

    public sealed class Killed : Exception;
}
