using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;

namespace OrleansMl.Streams.Kafka.Clients;

/// <summary>
/// Stored positions and bounds of partitions, by the administrative client: its calls are asynchronous, where a consumer's
/// own block a thread for as long as the broker is away.
/// </summary>
internal sealed class KafkaPositions(KafkaStreamOptions options, IAdminClient admin, ILogger logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    /// <summary>The stored position; null: none.</summary>
    public Task<long?> StoredAsync(TopicPartition partition, CancellationToken cancellationToken) => AskAsync(partition, "its stored position", async () =>
    {
        var groups = await admin.ListConsumerGroupOffsetsAsync([new(options.GroupId, [partition])], new() { RequestTimeout = options.RequestTimeout });
        var found = groups[0].Partitions[0];
        if (found.Error.IsError)
            throw new KafkaException(found.Error);
        return found.Offset.Value >= 0 ? found.Offset.Value : (long?)null;
    }, cancellationToken);

    /// <summary>The oldest offset that is there, and the one that the next append gets.</summary>
    public async Task<(long Low, long High)> BoundsAsync(TopicPartition partition, CancellationToken cancellationToken) =>
        (await OffsetAsync(partition, OffsetSpec.Earliest(), cancellationToken), await OffsetAsync(partition, OffsetSpec.Latest(), cancellationToken));

    /// <summary>The first offset appended at or after a time; null: there is none.</summary>
    public async Task<long?> AtAsync(TopicPartition partition, DateTime time, CancellationToken cancellationToken)
    {
        var offset = await OffsetAsync(partition, OffsetSpec.ForTimestamp(new DateTimeOffset(time.ToUniversalTime()).ToUnixTimeMilliseconds()), cancellationToken);
        return offset >= 0 ? offset : null;
    }

    /// <summary>Stores a position; durable when it completes. Tries again within the request timeout.</summary>
    /// <exception cref="IOException">It was not stored in time.</exception>
    public async Task StoreAsync(TopicPartition partition, long offset, CancellationToken cancellationToken)
    {
        var deadline = Environment.TickCount64 + (long)options.RequestTimeout.TotalMilliseconds;
        for (var pause = FirstPause; ; pause *= 2)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var left = TimeSpan.FromMilliseconds(Math.Max(1, deadline - Environment.TickCount64));
            try
            {
                await admin.AlterConsumerGroupOffsetsAsync([new(options.GroupId, [new(partition, offset)])], new() { RequestTimeout = left }).WaitAsync(cancellationToken);
                return;
            }
            catch (KafkaException exception)
            {
                if (Environment.TickCount64 + (long)pause.TotalMilliseconds >= deadline)
                    throw KafkaFaults.Unreachable(options, $"the position of partition '{Name(partition)}' could not be stored in group '{options.GroupId}': {Why(exception)}", exception);
                KafkaLog.CommitRetried(logger, Name(partition), exception);
            }

            await Task.Delay(pause, cancellationToken);
        }
    }

    public static string Name(TopicPartition partition) => $"{partition.Topic}/{partition.Partition.Value}";

    private Task<long> OffsetAsync(TopicPartition partition, OffsetSpec offset, CancellationToken cancellationToken) => AskAsync(partition, "its offsets", async () =>
    {
        var found = await admin.ListOffsetsAsync([new() { TopicPartition = partition, OffsetSpec = offset }], new() { RequestTimeout = options.RequestTimeout });
        return found.ResultInfos[0].TopicPartitionOffsetError.Offset.Value;
    }, cancellationToken);

    private async Task<T> AskAsync<T>(TopicPartition partition, string what, Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await ask().WaitAsync(cancellationToken);
        }
        catch (KafkaException exception)
        {
            throw KafkaFaults.Unreachable(options, $"partition '{Name(partition)}' did not tell {what}: {Why(exception)}", exception);
        }
    }

    /// <summary>Some exceptions say only that there were errors, and keep them in their results.</summary>
    private static string Why(KafkaException exception) => exception switch
    {
        AlterConsumerGroupOffsetsException { Results: [{ } first, ..] } => first.Error.IsError ? first.Error.Reason : string.Join("; ", first.Partitions.Where(p => p.Error.IsError).Select(p => p.Error.Reason)),
        ListConsumerGroupOffsetsException { Results: [{ } first, ..] } => first.Error.IsError ? first.Error.Reason : string.Join("; ", first.Partitions.Where(p => p.Error.IsError).Select(p => p.Error.Reason)),
        ListOffsetsException { Result.ResultInfos: [{ } first, ..] } => first.TopicPartitionOffsetError.Error.Reason,
        _ => exception.Error.Code.ToString(),
    };
}
