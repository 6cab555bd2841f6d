using System.Collections.Concurrent;
using Orleans.Runtime;

namespace OrleansMl.Streams.Tests.Adapter;

/// <summary>A log in memory with two partitions that all silos of a test cluster share: what the adapter stands on in these tests.</summary>
public sealed class MemoryLog : ILogTransport
{
    private readonly ConcurrentDictionary<string, Partition> _partitions = new(new[] { "p/0", "p/1" }.Select(p => KeyValuePair.Create(p, new Partition())));

    public string Kind => "memory";

    public IReadOnlyList<string> Partitions { get; } = ["p/0", "p/1"];

    /// <summary>Runs before each read of a partition; may throw.</summary>
    public Action<string>? BeforeRead { get; set; }

    /// <summary>Readers opened so far.</summary>
    public int Opened { get; private set; }

    /// <summary>The largest number of records that a reader was asked for.</summary>
    public int LargestRead { get; private set; }

    /// <summary>The next offset that the partition's last reader would read.</summary>
    public long OpenedPosition(string partition) => _partitions[partition].Next;

    public long Committed(string partition) => _partitions[partition].Committed;

    public Task AppendAsync(StreamId stream, IReadOnlyList<StreamRecord> records, CancellationToken cancellationToken)
    {
        var key = stream.GetKeyAsString();
        var partition = _partitions[key.EndsWith('1') ? "p/1" : "p/0"];
        lock (partition.Records)
        {
            foreach (var record in records)
                partition.Records.Add(new LogRecord(partition.Records.Count, stream, record));
        }

        return Task.CompletedTask;
    }

    /// <summary>A record that cannot be delivered.</summary>
    public void AppendFault(string partition, StreamId stream, StreamRecord record, LogFault fault)
    {
        var into = _partitions[partition];
        lock (into.Records)
            into.Records.Add(new LogRecord(into.Records.Count, stream, record) { Fault = fault });
    }

    public ILogReader OpenReader(string partition)
    {
        Opened++;
        return new Reader(this, partition, _partitions[partition]);
    }

    public Task RewindAsync(string partition, LogStart start, CancellationToken cancellationToken)
    {
        _partitions[partition].Committed = start.Offset!.Value;
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Partition
    {
        public List<LogRecord> Records { get; } = [];

        public long Committed { get; set; }

        public long Next { get; set; }
    }

    private sealed class Reader(MemoryLog log, string name, Partition partition) : ILogReader
    {
        public LogPosition Position => new(partition.Committed, partition.Next, partition.Records.Count);

        public Task InitializeAsync(CancellationToken cancellationToken)
        {
            partition.Next = partition.Committed;
            return Task.CompletedTask;
        }

        public async ValueTask<IReadOnlyList<LogRecord>> ReadAsync(int max, TimeSpan wait, CancellationToken cancellationToken)
        {
            log.BeforeRead?.Invoke(name);
            log.LargestRead = Math.Max(log.LargestRead, max);
            for (var waited = TimeSpan.Zero; ; waited += TimeSpan.FromMilliseconds(5))
            {
                List<LogRecord> records;
                lock (partition.Records)
                    records = partition.Records.Skip((int)partition.Next).Take(max).ToList();
                if (records.Count > 0)
                {
                    partition.Next = records[^1].Offset + 1;
                    return records;
                }

                if (waited >= wait)
                    return [];
                await Task.Delay(5, cancellationToken);
            }
        }

        public Task CommitAsync(long nextOffset, CancellationToken cancellationToken)
        {
            partition.Committed = nextOffset;
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
