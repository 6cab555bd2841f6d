namespace OrleansMl.Storage;

/// <summary>Something to deliver, in order, at least once.</summary>
/// <param name="Topic">Whose queue: a model's trainer.</param>
/// <param name="Payload">The writer's bytes.</param>
public sealed record OutboxAppend(string Topic, ReadOnlyMemory<byte> Payload);

/// <summary>An item of a topic, at its offset.</summary>
public readonly record struct OutboxItem(long Offset, ReadOnlyMemory<byte> Payload);

/// <summary>Queues between outcomes and trainers; offsets rise within a topic, in the order of commits.</summary>
public interface IOutbox
{
    ValueTask AppendAsync(IReadOnlyList<OutboxAppend> items, CancellationToken cancellationToken = default);

    ValueTask<IReadOnlyList<OutboxItem>> ReadAsync(string topic, long afterOffset, int limit, CancellationToken cancellationToken = default);

    /// <summary>Removes what was delivered and is durable elsewhere.</summary>
    ValueTask TrimAsync(string topic, long throughOffset, CancellationToken cancellationToken = default);

    /// <summary>Topics that hold items.</summary>
    ValueTask<IReadOnlyList<string>> ListTopicsAsync(CancellationToken cancellationToken = default);

    /// <summary>Raised after a commit that put items into topics, on a thread of its own; may be raised for none.</summary>
    event Action<string>? Appended;
}
