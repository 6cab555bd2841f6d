using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Serving;
using OrleansMl.Trainers;

namespace OrleansMl.Rollouts;

/// <summary>What a version would have answered for vectors that another one has: on the same rows both can be compared in pairs.</summary>
internal sealed class PairedScorer(LocalReplicas local, ReplicaRouter router)
{
    /// <summary>
    /// An answer for each example, [<see cref="CompiledModel.AnswerWidth"/>]; null where the version cannot score it. The error: nothing
    /// can be scored now.
    /// </summary>
    public async Task<OmlResult<double[]?[]>> ScoreAsync(CompiledModel model, int version, IReadOnlyList<LabeledExample> examples)
    {
        var id = new ModelVersionId(model.Name, version);
        ImmutableArray<ImmutableArray<Scalar>> vectors = [.. examples.Select(e => VectorOf(model, e))];
        if (vectors.IsEmpty)
            return Array.Empty<double[]?>();
        var all = await RunAsync(id, vectors);
        if (all.TryGet(out var scores, out var error))
            return scores.Chunk(model.AnswerWidth).ToArray();
        if (error.Code != "cannot_score")
            return error;

        // One vector that it cannot score must not cost the others.
        var single = new double[]?[vectors.Length];
        for (var i = 0; i < single.Length; i++)
        {
            var one = await RunAsync(id, [vectors[i]]);
            if (one.TryGet(out var score, out error))
                single[i] = [.. score];
            else if (error.Code != "cannot_score")
                return error;
        }

        return single;
    }

    /// <summary>Scoring is work for the processor, not for a grain's turn.</summary>
    private Task<OmlResult<ImmutableArray<double>>> RunAsync(ModelVersionId id, ImmutableArray<ImmutableArray<Scalar>> vectors) => router.ServesHere
        ? Task.Run(() => local.ScoreAsync(new ReplicaVectors(id, vectors), CancellationToken.None))
        : router.ScoreAsync(id, vectors, CancellationToken.None);

    /// <summary>The columns as declared now; those logged may stand in another order.</summary>
    private static ImmutableArray<Scalar> VectorOf(CompiledModel model, LabeledExample example)
    {
        var values = new Scalar[model.Schema.Columns.Length];
        for (var i = 0; i < example.Columns.Length; i++)
        {
            var index = model.Schema.IndexOf(example.Columns[i]);
            if (index >= 0)
                values[index] = example.Values[i];
        }

        return ImmutableArray.Create(values);
    }
}
