using System.Diagnostics.Metrics;

namespace OrleansMl.Streams;

/// <summary>Counters of streams, and where every partition of this silo stands.</summary>
public sealed class StreamInstruments
{
    private readonly Lock _gate = new();
    private readonly List<(string Provider, Func<IReadOnlyList<PartitionStatus>> Read)> _sources = [];

    public StreamInstruments(IMeterFactory meters)
    {
        var meter = meters.Create("OrleansMl.Streams");
        Appended = meter.CreateCounter<long>("oml-stream-appended", description: "Records appended, by namespace.");
        Read = meter.CreateCounter<long>("oml-stream-read", description: "Records read, by partition.");
        DeadLetters = meter.CreateCounter<long>("oml-stream-dead-letters", description: "Records put aside, by namespace and reason.");
        meter.CreateObservableGauge("oml-stream-lag", () => Observe(p => p.Position.Lag), description: "Records of a partition that are not done with.");
        meter.CreateObservableGauge("oml-stream-committed", () => Observe(p => p.Position.Committed), description: "Stored position of a partition.");
        meter.CreateObservableGauge("oml-stream-end", () => Observe(p => p.Position.End), description: "Offset that a partition's next record gets, as last seen.");
    }

    public Counter<long> Appended { get; }

    public Counter<long> Read { get; }

    public Counter<long> DeadLetters { get; }

    /// <summary>The partitions that this silo reads, over all providers.</summary>
    public IReadOnlyList<PartitionStatus> Partitions()
    {
        lock (_gate)
            return [.. _sources.SelectMany(s => s.Read())];
    }

    /// <summary>A provider tells where its partitions stand whenever it is asked.</summary>
    public void Follow(string provider, Func<IReadOnlyList<PartitionStatus>> read)
    {
        lock (_gate)
            _sources.Add((provider, read));
    }

    private IEnumerable<Measurement<long>> Observe(Func<PartitionStatus, long> value) =>
        Partitions().Select(p => new Measurement<long>(value(p), new("provider", p.Provider), new("partition", p.Partition)));
}
