using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace OrleansMl.Monitoring;

/// <summary>What monitors count. One series for each monitor, whatever it watches: columns stand in the evidence, not in labels.</summary>
public sealed class MonitorInstruments
{
    private readonly ConcurrentDictionary<(string Model, string Monitor), double> _statistics = new();

    public MonitorInstruments(IMeterFactory meters)
    {
        var meter = meters.Create("OrleansMl.Monitoring");
        Alarms = meter.CreateCounter<long>("oml-drift-alarms", description: "Alarms of drift that were raised.");
        Rows = meter.CreateCounter<long>("oml-drift-rows", description: "Predictions that monitors have taken.");
        meter.CreateObservableGauge("oml-drift-statistic", Read, description: "Statistic of a monitor's worst series at its last judgement.");
    }

    public Counter<long> Alarms { get; }

    public Counter<long> Rows { get; }

    internal void Set(string model, string monitor, double statistic) => _statistics[(model, monitor)] = statistic;

    /// <summary>A monitor is gone, or goes on in another silo.</summary>
    internal void Remove(string model, string monitor) => _statistics.TryRemove((model, monitor), out _);

    private IEnumerable<Measurement<double>> Read() =>
        _statistics.Select(entry => new Measurement<double>(entry.Value, new("model", entry.Key.Model), new("monitor", entry.Key.Monitor)));
}
