using OrleansMl.Learning;

namespace OrleansMl.Cli.Scoring;

/// <summary>
/// The two baselines that need no model, from the truths known so far: no-change (the entity's last truth) and prior (the
/// majority class, or the running mean). They know exactly what a model could have known at that moment.
/// </summary>
internal sealed class KnownTruths(bool regression)
{
    private readonly Dictionary<string, double> _last = new(StringComparer.Ordinal);
    private readonly MajorityBaseline _majority = new();
    private long _count;
    private double _mean;

    /// <summary>The majority class (the first one at a tie and before any truth), or the mean (0 before any truth).</summary>
    public double Prior => regression ? _mean : _majority.Predict();

    /// <summary>The last truth of the entity; the prior when none is known.</summary>
    public double NoChange(string entity) => _last.TryGetValue(entity, out var truth) ? truth : Prior;

    /// <summary>A truth has become known.</summary>
    public void Add(string entity, double truth)
    {
        _last[entity] = truth;
        _count++;
        _majority.Learn(truth);
        _mean += (truth - _mean) / _count;
    }
}
