using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Configuration;
using Orleans.Providers;
using Orleans.Providers.Streams.Common;
using Orleans.Runtime;
using Orleans.Streams;

namespace OrleansMl.EngineContract.Tests;

/// <summary>A provider of one queue over a <see cref="LogBroker"/>.</summary>
public sealed class LogAdapterFactory(string name, LogBroker broker, int cacheSize, bool longPolls = false, bool rewindable = false, bool faults = false) : IQueueAdapterFactory, IControllable
{
    private readonly HashRingBasedStreamQueueMapper _mapper = new(new HashRingStreamQueueMapperOptions { TotalQueueCount = 1 }, name);

    public Task<IQueueAdapter> CreateAdapter() => Task.FromResult<IQueueAdapter>(new LogAdapter(name, broker, longPolls, rewindable));

    public IQueueAdapterCache GetQueueAdapterCache() =>
        new SimpleQueueAdapterCache(new SimpleQueueCacheOptions { CacheSize = cacheSize }, name, NullLoggerFactory.Instance);

    public IStreamQueueMapper GetStreamQueueMapper() => _mapper;

    public Task<IStreamFailureHandler> GetDeliveryFailureHandler(QueueId queueId) => Task.FromResult<IStreamFailureHandler>(new LogFailureHandler(broker, faults));

    public Task<object?> ExecuteCommand(int command, object? arg) => Task.FromResult<object?>($"factory of {name} got {command} {arg}");

    private sealed class LogFailureHandler(LogBroker broker, bool faults) : IStreamFailureHandler
    {
        public bool ShouldFaultSubsriptionOnError => faults;

        public Task OnDeliveryFailure(GuidId subscriptionId, string streamProviderName, StreamId streamIdentity, StreamSequenceToken? sequenceToken)
        {
            broker.Fail(streamIdentity, sequenceToken?.SequenceNumber);
            return Task.CompletedTask;
        }

        public Task OnSubscriptionFailure(GuidId subscriptionId, string streamProviderName, StreamId streamIdentity, StreamSequenceToken? sequenceToken) =>
            Task.CompletedTask;
    }
}

/// <summary>Writes into the log, and reads it from where the last receiver stopped.</summary>
public sealed class LogAdapter(string name, LogBroker broker, bool longPolls, bool rewindable) : IQueueAdapter, IControllable
{
    public string Name => name;

    public bool IsRewindable => rewindable;

    public StreamProviderDirection Direction => StreamProviderDirection.ReadWrite;

    public Task QueueMessageBatchAsync<T>(StreamId streamId, IEnumerable<T> events, StreamSequenceToken? token, Dictionary<string, object>? requestContext)
    {
        broker.Append(streamId, events.Cast<object>(), requestContext);
        return Task.CompletedTask;
    }

    public IQueueAdapterReceiver CreateReceiver(QueueId queueId) => new Receiver(broker, longPolls);

    public Task<object?> ExecuteCommand(int command, object? arg) => Task.FromResult<object?>($"adapter of {name} got {command} {arg}");

    private sealed class Receiver(LogBroker broker, bool longPolls) : IQueueAdapterReceiver
    {
        public Task Initialize(TimeSpan timeout)
        {
            broker.Step("initialized");
            return Task.CompletedTask;
        }

        public Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount) => GetQueueMessagesAsync(maxCount, default);

        public async Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount, CancellationToken cancellationToken)
        {
            var taken = broker.Take(maxCount);
            if (longPolls && taken.Count == 0)
            {
                broker.Step("waits");
                await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                broker.Step("read ended");
            }

            return [.. taken];
        }

        public Task MessagesDeliveredAsync(IList<IBatchContainer> messages)
        {
            broker.Acknowledge(messages.Cast<LogMessage>());
            return Task.CompletedTask;
        }

        public Task Shutdown(TimeSpan timeout)
        {
            broker.Step($"shut down, {timeout.TotalSeconds} s");
            return Task.CompletedTask;
        }
    }
}
