using System.Diagnostics.Metrics;

namespace OrleansMl.Services;

/// <summary>Counters of what comes in.</summary>
public sealed class IngestInstruments
{
    public IngestInstruments(IMeterFactory meters)
    {
        var meter = meters.Create("OrleansMl.Ingest");
        Events = meter.CreateCounter<long>("oml-events", description: "Events by what became of them.");
    }

    public Counter<long> Events { get; }
}
