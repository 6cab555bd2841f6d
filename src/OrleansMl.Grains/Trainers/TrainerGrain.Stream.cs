using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Orleans.Streams;
using Orleans.Streams.Core;
using OrleansMl.Streams;

namespace OrleansMl.Trainers;

/// <remarks>
/// How examples come. What is delivered in its place is learned at once. Whatever is not (a gap, a pause, a step that takes
/// long) is acknowledged all the same, and read from the log later: the stored state says from where. So no trainer holds up
/// the partition that it shares with others.
/// </remarks>
internal sealed partial class TrainerGrain : IStreamSubscriptionObserver, IAsyncBatchObserver<StreamRecord>
{
    /// <summary>Examples between two looks at who else waits for the learner.</summary>
    private const int SliceSize = 256;

    /// <summary>One call goes on for so long at most, far below the response timeout; then the next one does.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The bootstrap or a promotion is due: the next slice begins with it.</summary>
    private bool _stepDue;

    /// <summary>A call to catch up is on its way.</summary>
    private bool _woken;

    /// <summary>Sequence that the log was told of.</summary>
    private long _released;

    public async Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) =>
        await handleFactory.Create<StreamRecord>().ResumeAsync(this);

    public async Task OnNextAsync(IList<SequentialItem<StreamRecord>> items)
    {
        if (!_gate.TryEnter(out var hold))
        {
            Wake();
            return;
        }

        using (hold)
        {
            try
            {
                if (!await TryLearnAsync(items))
                    Wake();
            }
            catch (Exception exception)
            {
                // The log has them, and the sweep comes round: to fail here would hold up other models' examples.
                LogNotLearned(logger, Model, exception);
            }
        }
    }

    public Task OnErrorAsync(Exception ex)
    {
        LogNotLearned(logger, Model, ex);
        Wake();
        return Task.CompletedTask;
    }

    public async Task<TrainerReceipt> CatchUpAsync()
    {
        _woken = false;
        var started = Stopwatch.GetTimestamp();
        bool more;
        do
        {
            using (await _gate.EnterAsync())
                more = await TakeSliceAsync();

            // Calls that wait, deliveries too, come in between.
            await Task.Yield();
        }
        while (more && Stopwatch.GetElapsedTime(started) < Patience);

        if (more)
            Wake();
        PublishLive();
        return new TrainerReceipt(_applied, Math.Min(_durable, _applied), more);
    }

    /// <summary>Has the log read as soon as the learner is free.</summary>
    private void Wake()
    {
        if (_woken)
            return;
        _woken = true;
        _ = WakeAsync(GrainFactory.GetGrain<ITrainerGrain>(Model));
    }

    private async Task WakeAsync(ITrainerGrain self)
    {
        try
        {
            await self.CatchUpAsync();
        }
        catch (Exception exception)
        {
            LogNotLearned(logger, Model, exception);
        }
    }

    /// <summary>Learns the next examples of the log; false when none is left that can be learned now.</summary>
    private async Task<bool> TakeSliceAsync()
    {
        if (await FollowCatalogAsync() is not { } trainer)
            return await LetGoAsync();
        if (state.State.Paused || state.State.Failure is not null)
            return false;
        if (trainer.AwaitsFirstVersion && !await PromoteAsync(trainer, "bootstrap", null))
            return false;
        await SettleRolloutAsync(trainer);
        if (_stepDue && !await TakeDueStepAsync(trainer))
            return false;
        var examples = await source.ReadAsync(Model, _applied, SliceSize);
        var goesOn = examples.Count > 0 && await LearnAsync(examples, takesSteps: true);
        await ReleaseAsync();
        return goesOn;
    }

    /// <summary>Learns what was delivered if it goes on where the learner stands; false when the log has to be read.</summary>
    private async Task<bool> TryLearnAsync(IList<SequentialItem<StreamRecord>> items)
    {
        if (await FollowCatalogAsync() is not { AwaitsFirstVersion: false } || _stepDue)
            return false;
        if (state.State.Paused || state.State.Failure is not null)
            return true;
        var examples = new List<FedExample>(items.Count);
        var last = _applied;
        foreach (var record in items.Select(i => i.Item))
        {
            var sequence = StreamSequence.Of(record) ?? long.MaxValue;
            if (sequence <= last)
                continue;
            if (sequence != last + 1 || ExampleSource.TryRead(sequence, record) is not { } example)
                return false;
            examples.Add(new FedExample(sequence, example));
            last = sequence;
        }

        if (examples.Count == 0)
            return true;
        var learned = await LearnAsync(examples, takesSteps: false);
        await ReleaseAsync();
        return learned;
    }

    /// <summary>
    /// Learns examples in their order; those at or below what was learned before count once. False when it stopped: what
    /// comes next may not be learned, or not before a step that is due.
    /// </summary>
    private async Task<bool> LearnAsync(List<FedExample> examples, bool takesSteps)
    {
        // Another silo knew of a reset first: to pass over what was made for the new learner would lose it.
        if (examples.Any(e => e.Example?.Lineage > state.State.Lineage))
            await catalog.CatchUpAsync(catalog.Current.Revision + 1);
        if (await FollowCatalogAsync() is not { } trainer)
            return false;
        var goesOn = true;
        foreach (var (sequence, example) in examples)
        {
            if (sequence <= _applied)
                continue;
            var counts = example?.Lineage == state.State.Lineage;
            if (counts && !await LearnAsync(trainer, example!))
            {
                goesOn = false;
                break;
            }

            // It counts from here on: a promotion that fails below must not make it count again.
            _applied = sequence;
            _dirty = true;
            _stepDue = counts && trainer.Next() != TrainerStep.None;
            if (_stepDue && !(takesSteps && await TakeDueStepAsync(trainer)))
            {
                goesOn = false;
                break;
            }
        }

        // While the bootstrap collects, its rows live in the log: the stored sequence stays where they begin.
        if (_dirty && trainer.IsLearning && _applied - _durable >= StoreEvery)
            await StoreAsync();
        PublishLive();
        return goesOn;
    }

    private async Task<bool> TakeDueStepAsync(OnlineTrainer trainer)
    {
        var goesOn = await TakeStepAsync(trainer, trainer.Next());
        _stepDue = false;
        return goesOn;
    }

    /// <summary>Tells the log what need not be kept for this trainer.</summary>
    private async Task ReleaseAsync()
    {
        var durable = _durable;
        if (durable <= _released)
            return;
        await streams.ReleaseAsync(OmlStreams.Examples, Model, durable);
        _released = durable;
    }

    /// <summary>
    /// No application declares the learner: what was kept for it goes. One that is declared again begins a new lineage, for
    /// which no example counts that was made before.
    /// </summary>
    private async Task<bool> LetGoAsync()
    {
        // First how far, then whether: an example that comes between the two is of a learner that is there again.
        var last = (await streams.GetStreamAsync(OmlStreams.Examples, Model)).LastSequence;
        if (last <= _released)
            return false;
        await catalog.CatchUpAsync(catalog.Current.Revision + 1);
        if (Declared() is not null)
            return true;
        await streams.ReleaseAsync(OmlStreams.Examples, Model, last);
        _released = last;
        return false;
    }

    [LoggerMessage(LogLevel.Warning, "Examples of {Model} could not be learned now; they are read from the log later.")]
    private static partial void LogNotLearned(ILogger logger, string model, Exception exception);
}
