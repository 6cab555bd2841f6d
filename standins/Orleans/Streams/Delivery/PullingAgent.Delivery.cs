using Microsoft.Extensions.Logging;
using Orleans.Internal;
using Orleans.Runtime;

namespace Orleans.Streams;

/// <content>From the cache to the consumers: each has a cursor and a loop of its own.</content>
internal sealed partial class PullingAgent
{
    private void OnNewMessages(QualifiedStreamId stream, StreamSequenceToken first)
    {
        var now = settings.Silo.Time.GetTimestamp();
        if (!_streams.TryGetValue(stream, out var consumers))
        {
            _streams[stream] = consumers = new StreamConsumers(now);
            consumers.Registration = RegisterAsync(consumers, stream, first);
            return;
        }

        consumers.LastActivity = now;
        foreach (var consumer in consumers.All.ToArray())
        {
            if (consumer.IsRegistered)
            {
                consumer.Cursor?.Refresh(first);
                Wake(consumer);
            }
            else if (consumer.Pending is null || first.Older(consumer.Pending))
            {
                consumer.Pending = first;
            }
        }
    }

    private async Task RegisterAsync(StreamConsumers consumers, QualifiedStreamId stream, StreamSequenceToken first)
    {
        using var pin = _cache?.GetCacheCursor(stream.StreamId, first);
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.ContinueOnCapturedContext);
        try
        {
            var subscribers = await Retries.RunAsync(() => settings.Subscribers.OfAsync(stream), null, null, (error, _) =>
            {
                Logger.LogWarning(error, "The consumers of stream {Stream} could not be found.", stream);
                return !IsStopped;
            }, settings.DeliveryBackoff, _stop.Token);
            await Task.WhenAll(subscribers.Select(s => AddConsumerAsync(consumers, stream, s, first)).ToArray());
        }
        catch (Exception error)
        {
            Logger.LogWarning(error, "Stream {Stream} could not be registered.", stream);
            if (_streams.TryGetValue(stream, out var known) && known == consumers)
                _streams.Remove(stream);
            consumers.Dispose();
        }
    }

    private async Task AddLateConsumerAsync(StreamConsumers consumers, QualifiedStreamId stream, StreamSubscriber subscriber)
    {
        try
        {
            await AddConsumerAsync(consumers, stream, subscriber, null);
        }
        catch (Exception error)
        {
            Logger.LogError(error, "Subscription {Subscription} of stream {Stream} could not be added.", subscriber.SubscriptionId, stream);
        }
    }

    private async Task AddConsumerAsync(StreamConsumers consumers, QualifiedStreamId stream, StreamSubscriber subscriber, StreamSequenceToken? first)
    {
        if (IsStopped)
            return;
        var consumer = consumers.All.Find(c => c.SubscriptionId == subscriber.SubscriptionId);
        if (consumer is null)
        {
            consumer = new StreamConsumer(subscriber, stream, settings.Silo.References.GetGrain<IStreamConsumerExtension>(subscriber.Consumer));
            consumers.All.Add(consumer);
        }

        if (await HandshakeAsync(consumers, consumer, first))
        {
            consumer.Pending = null;
            consumer.IsRegistered = true;
            Wake(consumer);
        }
    }

    /// <summary>Asks the consumer where it wants to start, which activates it.</summary>
    private async Task<bool> HandshakeAsync(StreamConsumers consumers, StreamConsumer consumer, StreamSequenceToken? first)
    {
        if (_cache is null)
            return true;
        StreamHandshakeToken? wanted = null;
        try
        {
            wanted = await DeliverWithRetriesAsync(() => consumer.Reference.GetSequenceToken(consumer.SubscriptionId));
            if (wanted is not null)
                consumer.MoveTo(CursorAt(consumer, wanted.Token, first));
        }
        catch (Exception error)
        {
            if (IsStopped || await OnFailureAsync(consumers, consumer, error, null, isDelivery: false))
                return false;
        }

        consumer.LastToken = wanted;
        consumer.Cursor ??= CursorAt(consumer, first ?? consumer.Pending, null);
        return true;
    }

    /// <summary>A cursor at the token; where the cache no longer has it, at <paramref name="otherwise"/>.</summary>
    private IQueueCacheCursor CursorAt(StreamConsumer consumer, StreamSequenceToken? token, StreamSequenceToken? otherwise)
    {
        try
        {
            return _cache!.GetCacheCursor(consumer.Stream.StreamId, token);
        }
        catch (QueueCacheMissException)
        {
            return _cache!.GetCacheCursor(consumer.Stream.StreamId, otherwise);
        }
    }

    private void Wake(StreamConsumer consumer)
    {
        if (!consumer.IsActive)
            _ = RunAsync(consumer);
    }

    private async Task RunAsync(StreamConsumer consumer)
    {
        consumer.IsActive = true;
        try
        {
            while (!IsStopped && consumer.Cursor is { } cursor)
            {
                var several = settings.Options.BatchContainerBatchSize > 1 ? cursor as IBatchingCursor : null;
                using var held = several?.Hold();
                if (Next(cursor) is not { } batch)
                    break;
                try
                {
                    await DeliverAsync(consumer, batch);
                }
                catch (Exception error)
                {
                    if (IsStopped)
                        break;
                    if (several is not null)
                        several.RecordFailureOfHeld();
                    else
                        cursor.RecordDeliveryFailure();
                    Logger.LogError(error, "A message of stream {Stream} could not be delivered: it is given up.", consumer.Stream);
                    var failure = new StreamEventDeliveryFailureException(
                        $"Stream provider failed to deliver an event.  StreamProvider:{consumer.Stream.ProviderName}  Stream:{consumer.Stream.StreamId}");
                    if (_streams.TryGetValue(consumer.Stream, out var consumers) && await OnFailureAsync(consumers, consumer, failure, batch, isDelivery: true))
                        break;
                }
            }
        }
        catch (Exception error)
        {
            Logger.LogError(error, "Delivery of stream {Stream} stopped; its next message starts it again.", consumer.Stream);
        }
        finally
        {
            consumer.IsActive = false;
        }
    }

    private IBatchContainer? Next(IQueueCacheCursor cursor)
    {
        var size = settings.Options.BatchContainerBatchSize;
        if (size <= 1)
            return cursor.MoveNext() ? cursor.GetCurrent(out _) : null;
        List<IBatchContainer> batch = [];
        while (batch.Count < size && cursor.MoveNext())
            batch.Add(cursor.GetCurrent(out _)!);
        return batch.Count > 0 ? new BatchContainerBatch(batch) : null;
    }

    private async Task DeliverAsync(StreamConsumer consumer, IBatchContainer batch)
    {
        var wanted = await DeliverWithRetriesAsync(async () =>
        {
            var answer = await Call(batch, () => consumer.Reference.DeliverBatch(consumer.SubscriptionId, consumer.Stream, batch, consumer.LastToken));
            consumer.LastToken = new StreamHandshakeToken(batch.SequenceToken, Delivered: true);
            return answer;
        });
        if (wanted is null)
            return;
        // The consumer stands elsewhere: it goes on behind the token it named.
        consumer.LastToken = wanted;
        var elsewhere = CursorAt(consumer, wanted.Token, batch.SequenceToken);
        if (!wanted.Token.Older(batch.SequenceToken) || wanted.Delivered)
            elsewhere.MoveNext();
        consumer.MoveTo(elsewhere);
    }

    private Task<StreamHandshakeToken?> DeliverWithRetriesAsync(Func<Task<StreamHandshakeToken?>> call) =>
        Retries.RunAsync(call, null, settings.Options.MaxEventDeliveryTime, (error, attempt) =>
        {
            Logger.LogWarning(error, "Delivery from queue {Queue} failed, attempt {Attempt}.", queue, attempt);
            return !IsStopped;
        }, settings.DeliveryBackoff, _stop.Token);

    /// <summary>The message's request context is that of the call, and of nothing else.</summary>
    private static TTask Call<TTask>(IBatchContainer? batch, Func<TTask> call)
    {
        var imported = batch?.ImportRequestContext() == true;
        try
        {
            return call();
        }
        finally
        {
            if (imported)
                RequestContext.Clear();
        }
    }

    /// <returns>True: the subscription is over.</returns>
    private async Task<bool> OnFailureAsync(StreamConsumers consumers, StreamConsumer consumer, Exception error, IBatchContainer? batch, bool isDelivery)
    {
        const ConfigureAwaitOptions Quietly = ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext;
        var (id, provider, stream) = (consumer.SubscriptionId, settings.Provider, consumer.Stream.StreamId);
        await Call(batch, () => consumer.Reference.ErrorInStream(id, error)).ConfigureAwait(Quietly);
        await (isDelivery
            ? failures.OnDeliveryFailure(id, provider, stream, batch?.SequenceToken)
            : failures.OnSubscriptionFailure(id, provider, stream, batch?.SequenceToken)).ConfigureAwait(Quietly);
        if (!failures.ShouldFaultSubsriptionOnError || ImplicitSubscriptions.IsImplicit(id))
            return false;
        var faulted = new FaultedSubscriptionException($"Subscription is in a Faulted state.  Subscription:{id}, Stream:{consumer.Stream}");
        await Call(batch, () => consumer.Reference.ErrorInStream(id, faulted)).ConfigureAwait(Quietly);
        Remove(consumers, consumer);
        await settings.Subscribers.RemoveAsync(consumer.Stream, id);
        return true;
    }

    private void Remove(StreamConsumers consumers, StreamConsumer consumer)
    {
        consumers.All.Remove(consumer);
        consumer.MoveTo(null);
        if (consumers.All.Count == 0 && consumers.Registration.IsCompleted)
            _streams.Remove(consumer.Stream);
    }
}
