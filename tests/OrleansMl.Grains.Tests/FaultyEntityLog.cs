using OrleansMl.Storage;

namespace OrleansMl.Grains.Tests;

/// <summary>The log of entities with a hook before each read, where a test lets it fail.</summary>
public sealed class FaultyEntityLog(IEntityLog inner) : IEntityLog
{
    /// <summary>Gets the key of the entity whose log is read.</summary>
    public Action<string>? BeforeRead { get; set; }

    public ValueTask<LogAppendOutcome[]> AppendAsync(string entityKey, long expectedLastSequence, IReadOnlyList<LogAppend> records, DateTime created, CancellationToken cancellationToken = default) =>
        inner.AppendAsync(entityKey, expectedLastSequence, records, created, cancellationToken);

    public ValueTask<IReadOnlyList<LogEntry>> ReadAsync(string entityKey, long afterSequence, int limit, CancellationToken cancellationToken = default)
    {
        BeforeRead?.Invoke(entityKey);
        return inner.ReadAsync(entityKey, afterSequence, limit, cancellationToken);
    }

    public ValueTask<long> GetLastSequenceAsync(string entityKey, CancellationToken cancellationToken = default) => inner.GetLastSequenceAsync(entityKey, cancellationToken);

    public ValueTask SaveSnapshotAsync(string entityKey, long sequence, string foldVersion, ReadOnlyMemory<byte> snapshot, CancellationToken cancellationToken = default) =>
        inner.SaveSnapshotAsync(entityKey, sequence, foldVersion, snapshot, cancellationToken);

    public ValueTask<(long Sequence, byte[] Snapshot)?> LoadSnapshotAsync(string entityKey, string foldVersion, CancellationToken cancellationToken = default) =>
        inner.LoadSnapshotAsync(entityKey, foldVersion, cancellationToken);
}
