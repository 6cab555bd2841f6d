using System.Diagnostics.Metrics;

namespace OrleansMl.Serving;

/// <summary>Requests between silos, by model.</summary>
public sealed class RoutingInstruments
{
    public RoutingInstruments(IMeterFactory meters)
    {
        var meter = meters.Create("OrleansMl.Routing");
        Requests = meter.CreateCounter<long>("oml-routed-requests", description: "Requests sent to another silo, by model and result: answered, rejected, failed.");
    }

    public Counter<long> Requests { get; }

    internal void Count(string model, string result) => Requests.Add(1, new("model", model), new("result", result));
}
