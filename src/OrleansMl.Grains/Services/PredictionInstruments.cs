using System.Diagnostics.Metrics;

namespace OrleansMl.Services;

/// <summary>Counters and latencies of predictions.</summary>
public sealed class PredictionInstruments
{
    public PredictionInstruments(IMeterFactory meters)
    {
        var meter = meters.Create("OrleansMl.Predictions");
        Predictions = meter.CreateCounter<long>("oml-predictions", description: "Predictions by model and version.");
        Duration = meter.CreateHistogram<double>("oml-prediction-duration", "s", "From request to durable answer.");
    }

    public Counter<long> Predictions { get; }

    public Histogram<double> Duration { get; }
}
