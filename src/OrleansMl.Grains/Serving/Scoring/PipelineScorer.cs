using System.Buffers;
using OrleansMl.Catalog;
using OrleansMl.Inference;
using OrleansMl.Learning;

namespace OrleansMl.Serving;

/// <summary>
/// The pipeline in this process (the same code that the learner was trained through), then the core graph in ONNX
/// Runtime.
/// </summary>
internal sealed class PipelineScorer(FittedPipeline pipeline, CoreModel core) : IVectorScorer
{
    public double Score(CompiledModel model, IReadOnlyList<Scalar> vector)
    {
        var row = PipelineRows.Of(pipeline.InputSchema, model, vector);
        var d = pipeline.DenseCount;
        var k = pipeline.HashedCount;
        var doubles = ArrayPool<double>.Shared.Rent(d + k);
        var floats = ArrayPool<float>.Shared.Rent(d + k);
        var places = ArrayPool<int>.Shared.Rent(k);
        var indices = ArrayPool<long>.Shared.Rent(k);
        try
        {
            pipeline.Transform(row, doubles.AsSpan(0, d), places.AsSpan(0, k), doubles.AsSpan(d, k));
            for (var i = 0; i < d + k; i++)
                floats[i] = (float)doubles[i];
            for (var i = 0; i < k; i++)
                indices[i] = places[i];
            return core.Score(floats.AsSpan(0, d), indices.AsSpan(0, k), floats.AsSpan(d, k));
        }
        finally
        {
            ArrayPool<double>.Shared.Return(doubles);
            ArrayPool<float>.Shared.Return(floats);
            ArrayPool<int>.Shared.Return(places);
            ArrayPool<long>.Shared.Return(indices);
        }
    }

    public void Dispose() => core.Dispose();
}
