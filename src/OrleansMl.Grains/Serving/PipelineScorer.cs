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
        var row = ToRow(model, vector);
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

    /// <summary>
    /// The row in the pipeline's own order: an older version may have been fitted on columns that stood in another one.
    /// </summary>
    private Row ToRow(CompiledModel model, IReadOnlyList<Scalar> vector)
    {
        var schema = pipeline.InputSchema;
        var numeric = new double[schema.NumericCount];
        var categorical = new string?[schema.CategoricalCount];
        for (var i = 0; i < schema.Columns.Length; i++)
        {
            var column = schema.Columns[i];
            var index = i < model.Schema.Columns.Length && model.Schema.Columns[i].Name == column.Name ? i : model.Schema.IndexOf(column.Name);
            if (index < 0)
                throw new ScoringException($"The version was fitted on the column '{column.Name}', which model '{model.Name}' does not have any more; serve a newer version.");
            if (column.Kind == ColumnKind.Numeric)
                numeric[schema.SlotOf(i)] = vector[index].AsNumber();
            else
                categorical[schema.SlotOf(i)] = vector[index].AsText();
        }

        return new Row(numeric, categorical);
    }
}
