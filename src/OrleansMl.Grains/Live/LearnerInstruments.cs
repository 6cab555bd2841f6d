using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace OrleansMl.Live;

/// <summary>Live learners: their copies in this silo, and what was done to keep them sound; by model.</summary>
internal sealed class LearnerInstruments
{
    private readonly ConcurrentDictionary<string, long> _lags = new(StringComparer.Ordinal);
    private readonly Counter<long> _updates;
    private readonly Counter<long> _resyncs;
    private readonly Counter<long> _putBacks;
    private readonly Counter<long> _refused;

    public LearnerInstruments(IMeterFactory meters)
    {
        var meter = meters.Create("OrleansMl.Learners");
        _updates = meter.CreateCounter<long>("oml-learner-updates", description: "Updates that this silo's copy of a live learner has taken.");
        _resyncs = meter.CreateCounter<long>("oml-learner-resyncs", description: "Whole states that a copy has taken, by reason: first, behind, diverged.");
        _putBacks = meter.CreateCounter<long>("oml-learner-put-back", description: "Live learners that were put back to their base, by reason: unusable, worse.");
        _refused = meter.CreateCounter<long>("oml-learner-refused", description: "Examples that a live learner could not take and has passed over.");
        meter.CreateObservableGauge("oml-learner-revision-lag", () => _lags.Select(l => new Measurement<long>(l.Value, Model(l.Key))), description: "Revisions that this silo's copy of a live learner is behind the learner.");
    }

    internal void Updated(string model, int count, long lag)
    {
        _lags[model] = Math.Max(0, lag);
        if (count > 0)
            _updates.Add(count, Model(model));
    }

    internal void Dropped(string model) => _lags.TryRemove(model, out _);

    internal void Resynced(string model, string reason) => _resyncs.Add(1, Model(model), new KeyValuePair<string, object?>("reason", reason));

    internal void PutBack(string model, string reason) => _putBacks.Add(1, Model(model), new KeyValuePair<string, object?>("reason", reason));

    internal void Refused(string model) => _refused.Add(1, Model(model));

    private static KeyValuePair<string, object?> Model(string model) => new("model", model);
}
