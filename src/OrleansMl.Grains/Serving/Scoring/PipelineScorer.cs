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
        if (core.OutputWidth > 2)
            throw WrongWidth(1);
        Span<float> output = stackalloc float[core.OutputWidth];
        Run(model, vector, output);
        return output[^1];
    }

    public void Score(CompiledModel model, IReadOnlyList<Scalar> vector, Span<double> probabilities)
    {
        if (core.OutputWidth != probabilities.Length)
            throw WrongWidth(probabilities.Length);
        var output = ArrayPool<float>.Shared.Rent(probabilities.Length);
        try
        {
            Run(model, vector, output.AsSpan(0, probabilities.Length));
            for (var i = 0; i < probabilities.Length; i++)
                probabilities[i] = output[i];
        }
        finally
        {
            ArrayPool<float>.Shared.Return(output);
        }
    }

    public void Dispose() => core.Dispose();

    private ScoringException WrongWidth(int wanted) =>
        new($"The version answers {core.OutputWidth} numbers, and the target as declared takes {(wanted == 1 ? "one score" : $"{wanted} probabilities")}; train it anew on this target.");

    private void Run(CompiledModel model, IReadOnlyList<Scalar> vector, Span<float> output)
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
            core.ScoreRows(1, floats.AsSpan(0, d), indices.AsSpan(0, k), floats.AsSpan(d, k), output);
        }
        finally
        {
            ArrayPool<double>.Shared.Return(doubles);
            ArrayPool<float>.Shared.Return(floats);
            ArrayPool<int>.Shared.Return(places);
            ArrayPool<long>.Shared.Return(indices);
        }
    }
}
