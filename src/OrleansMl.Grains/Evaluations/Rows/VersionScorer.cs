using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Predictions;
using OrleansMl.Serving;

namespace OrleansMl.Evaluations;

/// <summary>Scores vectors by a version without answering anyone: nothing is logged, no state is read.</summary>
internal sealed class VersionScorer(PlanCache plans, ReplicaRouter router)
{
    /// <summary>The version's raw scores, [N, <see cref="CompiledModel.AnswerWidth"/>] of vectors in the model's column order.</summary>
    public async Task<OmlResult<double[]>> ScoreAsync(CompiledModel model, int version, IReadOnlyList<ImmutableArray<Scalar>> vectors, CancellationToken cancellationToken)
    {
        if (!router.ServesHere)
            return (await router.ScoreAsync(new ModelVersionId(model.Name, version), [.. vectors], cancellationToken)).TryGet(out var answered, out var refused) ? answered.ToArray() : refused;
        var acquired = await plans.AcquireAsync(model.Name, version, null, null, cancellationToken);
        if (!acquired.TryGet(out var lease, out var error))
            return error;
        if (lease is null)
            return OmlError.NotFound("unknown_version", $"Model '{model.Name}' has no version {version} in serving.");
        using (lease)
        {
            try
            {
                var width = model.AnswerWidth;
                var scores = new double[vectors.Count * width];
                for (var i = 0; i < vectors.Count; i++)
                    lease.Version.Score(model, vectors[i], scores.AsSpan(i * width, width));
                return scores;
            }
            catch (ScoringException exception)
            {
                return new OmlError("cannot_score", 422, exception.Message);
            }
        }
    }

    /// <summary>What a version does after the model, and how much it has learned; null: the plan has no such version.</summary>
    public async Task<VersionManifest?> FindAsync(string model, int version, CancellationToken cancellationToken) =>
        (await plans.GetAsync(model, cancellationToken)).ManifestOf(version);

    /// <summary>A logged vector in the order of the columns declared now; a column that is not in it is missing.</summary>
    public static ImmutableArray<Scalar> ToVector(CompiledModel model, ImmutableArray<FeatureValue> values)
    {
        var vector = new Scalar[model.Schema.Columns.Length];
        foreach (var value in values)
        {
            if (model.Schema.IndexOf(value.Name) is var index and >= 0)
                vector[index] = value.Value;
        }

        return ImmutableArray.Create(vector);
    }
}
