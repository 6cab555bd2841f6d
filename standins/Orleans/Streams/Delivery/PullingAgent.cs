using Microsoft.Extensions.Logging;
using Orleans.Internal;
using Orleans.Runtime;

namespace Orleans.Streams;

/// <summary>Reads one queue and delivers what it reads, in turns of its own. Delivery is in PullingAgent.Delivery.cs.</summary>
internal sealed partial class PullingAgent(QueueId queue, AgentSettings settings, IStreamFailureHandler failures)
{
    private const int ReadAttempts = 6;
    private readonly TaskScheduler _turns = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<QualifiedStreamId, StreamConsumers> _streams = [];
    private IQueueCache? _cache;
    private IQueueAdapterReceiver _receiver = null!;
    private Task _initialized = Task.CompletedTask;
    private Task _pump = Task.CompletedTask;
    private long _lastCleanup;

    private bool IsStopped => _stop.IsCancellationRequested;

    private ILogger Logger => settings.Logger;

    public Task StartAsync() => InTurnAsync(() =>
    {
        _lastCleanup = settings.Silo.Time.GetTimestamp();
        _cache = settings.Caches?.CreateQueueCache(queue);
        _receiver = settings.Adapter.CreateReceiver(queue);
        _initialized = InitializeAsync();
        _pump = PumpRepeatedlyAsync();
        return Task.CompletedTask;
    });

    /// <summary>The last read has ended before the receiver is shut down.</summary>
    public Task StopAsync() => InTurnAsync(async () =>
    {
        await _stop.CancelAsync();
        await _initialized;
        await _pump;
        try
        {
            await _receiver.Shutdown(settings.Options.InitQueueTimeout, CancellationToken.None);
        }
        catch (Exception error)
        {
            Logger.LogError(error, "The receiver of queue {Queue} failed to shut down.", queue);
        }

        await Task.WhenAll(_streams.Values.Select(s => s.Registration));
        foreach (var stream in _streams.Values)
            stream.Dispose();
        _streams.Clear();
    });

    /// <summary>Ends when the consumer is known: it asks for a turn of the consumer, who may be waiting for this.</summary>
    public Task AddSubscriberAsync(QualifiedStreamId stream, StreamSubscriber subscriber) => InTurnAsync(() =>
    {
        // A stream that has not come through here finds its subscribers when it does.
        if (!IsStopped && _streams.TryGetValue(stream, out var consumers))
            _ = AddLateConsumerAsync(consumers, stream, subscriber);
        return Task.CompletedTask;
    });

    public Task RemoveSubscriberAsync(QualifiedStreamId stream, GuidId subscription) => InTurnAsync(() =>
    {
        if (_streams.TryGetValue(stream, out var consumers) && consumers.All.Find(c => c.SubscriptionId == subscription) is { } consumer)
            Remove(consumers, consumer);
        return Task.CompletedTask;
    });

    private async Task InTurnAsync(Func<Task> action)
    {
        try
        {
            Task turn;
            using (ExecutionContext.IsFlowSuppressed() ? default(IDisposable) : ExecutionContext.SuppressFlow())
                turn = Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _turns).Unwrap();
            await turn;
        }
        catch (Exception error)
        {
            Logger.LogError(error, "The agent of queue {Queue} failed.", queue);
        }
    }

    /// <summary>A receiver that fails to start is read all the same: it may recover by itself.</summary>
    private async Task InitializeAsync()
    {
        try
        {
            await _receiver.Initialize(settings.Options.InitQueueTimeout, _stop.Token);
        }
        catch (Exception error)
        {
            Logger.LogError(error, "The receiver of queue {Queue} failed to initialize.", queue);
        }
    }

    private async Task PumpRepeatedlyAsync()
    {
        var period = settings.Options.GetQueueMsgsTimerPeriod;
        await PauseAsync(period * Random.Shared.NextDouble());
        await _initialized;
        while (!IsStopped)
        {
            await PumpAsync();
            await PauseAsync(period);
        }
    }

    private async Task PauseAsync(TimeSpan time) =>
        await Task.Delay(time, settings.Silo.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

    private async Task PumpAsync()
    {
        try
        {
            var more = true;
            while (more && !IsStopped)
            {
                var max = _cache?.GetMaxAddCount() ?? QueueAdapterConstants.UNLIMITED_GET_QUEUE_MSG;
                if (max is <= 0 and not QueueAdapterConstants.UNLIMITED_GET_QUEUE_MSG)
                    return;
                more = await Retries.RunAsync(() => ReadAsync(max), ReadAttempts, null, ReadAgain, settings.ReaderBackoff, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (IsStopped)
        {
            // A read that waited ended as it was told to.
        }
        catch (Exception error)
        {
            Logger.LogError(error, "Queue {Queue} could not be read in {Attempts} attempts; the next round tries again.", queue, ReadAttempts);
        }
    }

    private bool ReadAgain(Exception error, int attempt)
    {
        if (IsStopped)
            return false;
        Logger.LogWarning(error, "Reading queue {Queue} failed, attempt {Attempt}.", queue, attempt);
        return true;
    }

    /// <returns>False: there was nothing, or no more may be read now.</returns>
    private async Task<bool> ReadAsync(int max)
    {
        // The first message of a new stream stays in the cache until its consumers have said where they start.
        if (IsStopped || _streams.Values.Any(s => !s.Registration.IsCompleted))
            return false;
        ForgetSilentStreams();
        if (_cache is not null && _cache.TryPurgeFromCache(out var purged))
            await AcknowledgeAsync(purged);
        if (IsStopped || _cache?.IsUnderPressure() == true)
            return false;
        var read = await _receiver.GetQueueMessagesAsync(max, _stop.Token);
        if (IsStopped || read is null or { Count: 0 })
            return false;
        _cache?.AddToCache(read);
        foreach (var group in read.GroupBy(m => m.StreamId))
            OnNewMessages(new QualifiedStreamId(settings.Provider, group.Key), group.First().SequenceToken);
        return true;
    }

    private async Task AcknowledgeAsync(IList<IBatchContainer> purged)
    {
        try
        {
            await _receiver.MessagesDeliveredAsync(purged, _stop.Token);
        }
        catch (Exception error)
        {
            Logger.LogWarning(error, "The receiver of queue {Queue} failed to acknowledge {Count} messages; they are not offered again.", queue, purged.Count);
        }
    }

    private void ForgetSilentStreams()
    {
        var (time, period) = (settings.Silo.Time, settings.Options.StreamInactivityPeriod);
        if (time.GetElapsedTime(_lastCleanup) < period / 10)
            return;
        _lastCleanup = time.GetTimestamp();
        foreach (var (stream, consumers) in _streams.Where(s => time.GetElapsedTime(s.Value.LastActivity) > period).ToList())
        {
            _streams.Remove(stream);
            consumers.Dispose();
        }
    }
}
