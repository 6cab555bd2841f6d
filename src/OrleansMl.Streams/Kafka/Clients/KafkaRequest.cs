using System.Diagnostics;
using Confluent.Kafka;

namespace OrleansMl.Streams.Kafka.Clients;

/// <summary>Something for the control thread to do within its time.</summary>
internal abstract class KafkaRequest(string what, TimeSpan timeout)
{
    private readonly long _since = Stopwatch.GetTimestamp();

    /// <summary>What does not work if it fails.</summary>
    public string What => what;

    public TimeSpan Left => timeout - Stopwatch.GetElapsedTime(_since);

    public virtual void Ask(IConsumer<Ignore, Ignore> consumer, TimeSpan left) => throw new NotSupportedException();

    public abstract void Fail(Exception exception);
}

internal sealed class KafkaQuestion<T>(string what, TimeSpan timeout, Func<IConsumer<Ignore, Ignore>, TimeSpan, T> ask) : KafkaRequest(what, timeout)
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Answer => _answer.Task;

    public override void Ask(IConsumer<Ignore, Ignore> consumer, TimeSpan left) => _answer.TrySetResult(ask(consumer, left));

    public override void Fail(Exception exception) => _answer.TrySetException(exception);
}

internal sealed class KafkaPositionToStore(TopicPartitionOffset position, TimeSpan timeout)
    : KafkaRequest($"the position {position.Offset.Value} of partition '{KafkaPositions.Name(position.TopicPartition)}' could not be stored", timeout)
{
    private readonly TaskCompletionSource _stored = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TopicPartitionOffset Position => position;

    public Task Stored => _stored.Task;

    public void Done() => _stored.TrySetResult();

    public override void Fail(Exception exception) => _stored.TrySetException(exception);
}
