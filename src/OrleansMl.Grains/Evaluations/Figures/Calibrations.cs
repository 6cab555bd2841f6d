using OrleansMl.Predictions;

namespace OrleansMl.Evaluations;

/// <summary>Turns raw scores of a model's versions into the probabilities that they answer with.</summary>
internal sealed class Calibrations(VersionScorer scorer, string model)
{
    private readonly Dictionary<int, Postprocessor> _known = [];

    /// <summary>The score itself where the version calibrates nothing, or is no longer in the plan.</summary>
    public async ValueTask<double> ApplyAsync(int version, double score, CancellationToken cancellationToken)
    {
        if (!_known.TryGetValue(version, out var postprocessor))
            _known[version] = postprocessor = await scorer.FindAsync(model, version, cancellationToken) is { } manifest ? Postprocessor.Of(manifest) : new Postprocessor([]);
        return postprocessor.Calibrate(score);
    }
}
