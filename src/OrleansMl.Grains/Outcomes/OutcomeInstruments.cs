using System.Diagnostics.Metrics;

namespace OrleansMl.Outcomes;

/// <summary>Counters of outcomes and windows.</summary>
public sealed class OutcomeInstruments
{
    public OutcomeInstruments(IMeterFactory meters)
    {
        var meter = meters.Create("OrleansMl.Outcomes");
        Outcomes = meter.CreateCounter<long>("oml-outcomes", description: "Outcomes by what became of them.");
        Closed = meter.CreateCounter<long>("oml-windows-closed", description: "Windows that closed without a truth.");
    }

    public Counter<long> Outcomes { get; }

    public Counter<long> Closed { get; }
}
