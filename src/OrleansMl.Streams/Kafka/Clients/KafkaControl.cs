using System.Collections.Concurrent;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace OrleansMl.Streams.Kafka.Clients;

/// <summary>
/// One thread, with one consumer that reads nothing, for all that the client library offers only as blocking calls: stored
/// positions, bounds of partitions, metadata. Callers wait without a thread, and no longer than their request's time.
/// </summary>
/// <remarks>
/// Not by the administrative client's asynchronous calls for group offsets: when their answer comes after their timeout,
/// librdkafka ends the whole process by an assertion (librdkafka issue 4605; seen with 2.16.0 after a broker was killed).
/// </remarks>
internal sealed class KafkaControl(KafkaStreamOptions options, ILogger logger) : IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan IdlePoll = TimeSpan.FromSeconds(1);

    private readonly BlockingCollection<KafkaRequest> _requests = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private Thread? _thread;

    /// <summary>Queues a request; its task ends within <see cref="KafkaStreamOptions.RequestTimeout"/> or soon after.</summary>
    /// <exception cref="IOException">Kafka did not answer in time.</exception>
    public Task<T> AskAsync<T>(string what, Func<IConsumer<Ignore, Ignore>, TimeSpan, T> ask, CancellationToken cancellationToken)
    {
        var request = new KafkaQuestion<T>(what, options.RequestTimeout, ask);
        Enqueue(request);
        return request.Answer.WaitAsync(cancellationToken);
    }

    /// <summary>Queues a position to be stored. Positions that wait together go in one request.</summary>
    /// <exception cref="IOException">It was not stored in time.</exception>
    public Task StoreAsync(TopicPartitionOffset position, CancellationToken cancellationToken)
    {
        var request = new KafkaPositionToStore(position, options.RequestTimeout);
        Enqueue(request);
        return request.Stored.WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_stop.IsCancellationRequested)
                return;
            _stop.Cancel();
        }

        _thread?.Join();
        while (_requests.TryTake(out var request))
            request.Fail(new ObjectDisposedException(nameof(KafkaTransport)));
        _requests.Dispose();
        _stop.Dispose();
    }

    private void Enqueue(KafkaRequest request)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, typeof(KafkaTransport));
            _requests.Add(request, CancellationToken.None);
            if (_thread is not null)
                return;
            _thread = new Thread(Run) { IsBackground = true, Name = "kafka control" };
            _thread.Start();
        }
    }

    private void Run()
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(KafkaClientSettings.Control(options))
            .SetLogHandler((_, message) => KafkaLog.Library(logger, message))
            .Build();
        while (!_stop.IsCancellationRequested)
        {
            var batch = Take();
            var positions = batch.OfType<KafkaPositionToStore>().ToList();
            if (positions.Count > 0)
                Attempt(consumer, positions, left => Commit(consumer, positions));
            foreach (var question in batch.Where(request => request is not KafkaPositionToStore))
                Attempt(consumer, [question], left => question.Ask(consumer, left));
            // Events of the library wait in its queue until somebody polls.
            consumer.Consume(TimeSpan.Zero);
        }
    }

    private List<KafkaRequest> Take()
    {
        var batch = new List<KafkaRequest>();
        try
        {
            if (_requests.TryTake(out var first, (int)IdlePoll.TotalMilliseconds, _stop.Token))
                batch.Add(first);
        }
        catch (OperationCanceledException)
        {
            return batch;
        }

        while (_requests.TryTake(out var next))
            batch.Add(next);
        return batch;
    }

    /// <summary>Tries until it works, the time of the first request is over, or the transport is disposed.</summary>
    private void Attempt(IConsumer<Ignore, Ignore> consumer, IReadOnlyList<KafkaRequest> requests, Action<TimeSpan> work)
    {
        while (true)
        {
            var left = requests.Min(request => request.Left);
            try
            {
                if (left <= TimeSpan.Zero)
                    throw new KafkaException(new Error(Confluent.Kafka.ErrorCode.Local_TimedOut, "timed out in the queue"));
                work(left);
                return;
            }
            catch (KafkaException exception)
            {
                if (requests.Min(request => request.Left) <= RetryPause || exception is TopicPartitionOffsetException || _stop.Token.WaitHandle.WaitOne(RetryPause))
                {
                    foreach (var request in requests)
                        request.Fail(KafkaFaults.Unreachable(options, request.What, exception));
                    return;
                }

                KafkaLog.RequestRetried(logger, requests[0].What, exception.Error.Reason);
            }
            catch (Exception exception)
            {
                // Whatever it is, the caller hears of it and the thread lives on.
                foreach (var request in requests)
                    request.Fail(exception);
                return;
            }
        }
    }

    /// <summary>One request for all partitions, with the newest position of each. The broker may refuse some and store the others.</summary>
    private static void Commit(IConsumer<Ignore, Ignore> consumer, List<KafkaPositionToStore> positions)
    {
        try
        {
            consumer.Commit(positions.GroupBy(p => p.Position.TopicPartition).Select(g => g.Last().Position));
        }
        catch (TopicPartitionOffsetException exception) when (exception.Results.Any(r => !r.Error.IsError))
        {
            foreach (var refused in exception.Results.Where(r => r.Error.IsError))
            {
                foreach (var position in positions.Where(p => p.Position.TopicPartition == refused.TopicPartition))
                    position.Fail(new IOException($"{position.What}: {refused.Error.Reason}."));
            }
        }

        foreach (var position in positions)
            position.Done();
    }
}
