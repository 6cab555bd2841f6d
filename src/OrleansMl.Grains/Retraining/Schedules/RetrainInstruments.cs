using System.Diagnostics.Metrics;

namespace OrleansMl.Retraining.Schedules;

/// <summary>Retrainings that triggers begin.</summary>
public sealed class RetrainInstruments
{
    private readonly Counter<long> _triggered;

    public RetrainInstruments(IMeterFactory meters) => _triggered = meters.Create("OrleansMl.Retraining")
        .CreateCounter<long>("oml-retrainings-triggered", description: "Retrainings that triggers began, by model, type of trigger and result: begun, refused.");

    internal void Triggered(string model, string type, bool isRefused) => _triggered.Add(
        1, new("model", model), new("trigger", type), new KeyValuePair<string, object?>("result", isRefused ? "refused" : "begun"));
}
