using Orleans.Runtime;
using Orleans.Streams;

namespace OrleansMl.Streams;

/// <summary>Writes to the log for producers, opens partitions for pulling agents.</summary>
internal sealed class LogQueueAdapter(string name, ILogTransport transport, StreamEnvelope envelope, StreamInstruments instruments, Func<QueueId, LogQueue> open) : IQueueAdapter
{
    public string Name => name;

    /// <summary>A consumer cannot choose where it begins; an operator can rewind a partition (<see cref="IStreamControl"/>).</summary>
    public bool IsRewindable => false;

    public StreamProviderDirection Direction => StreamProviderDirection.ReadWrite;

    public async Task QueueMessageBatchAsync<T>(StreamId streamId, IEnumerable<T> events, StreamSequenceToken? token, Dictionary<string, object>? requestContext)
    {
        if (token is not null)
            throw new ArgumentException($"Stream provider '{name}' gives sequence tokens itself; leave the token out.", nameof(token));
        var records = envelope.Wrap(events, requestContext);
        if (records.Count == 0)
            return;
        await transport.AppendAsync(streamId, records, CancellationToken.None);
        instruments.Appended.Add(records.Count, new KeyValuePair<string, object?>("namespace", streamId.GetNamespace()));
    }

    public IQueueAdapterReceiver CreateReceiver(QueueId queueId) => open(queueId);
}
