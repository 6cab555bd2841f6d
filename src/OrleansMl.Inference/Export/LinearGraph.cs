using OrleansMl.Inference.Onnx;
using OrleansMl.Learning;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference;

/// <summary>Writes a linear model: link(clip(bias + features · w + Σ table[index] · value)), in double inside.</summary>
internal static class LinearGraph
{
    /// <param name="graph">Gets the nodes and the outputs.</param>
    /// <param name="model">The weights.</param>
    /// <param name="options">Class labels.</param>
    /// <param name="features">float32 [N, D]; null when D = 0.</param>
    /// <param name="indices">int64 [N, K]; null when K = 0.</param>
    /// <param name="values">float32 [N, K]; null when K = 0.</param>
    public static void Write(GraphWriter graph, LinearModel model, ExportOptions options, string? features, string? indices, string? values)
    {
        var bias = graph.Double(model.Bias);
        string? sum = null;
        if (features is not null)
            sum = graph.Node("MatMul", graph.Cast(features, DataType.Double), graph.DoubleColumn(model.Dense));
        if (indices is not null)
        {
            var table = new float[1 << model.HashBits];
            foreach (var (index, weight) in model.Hashed)
                table[index] = (float)weight;
            var products = graph.Node("Mul", graph.Cast(graph.Node("Gather", graph.Floats(table), indices), DataType.Double), graph.Cast(values!, DataType.Double));
            var hashed = graph.Node("ReduceSum", "", [GraphWriter.Attribute("keepdims", 1)], products, graph.Longs(1));
            sum = sum is null ? hashed : graph.Node("Add", sum, hashed);
        }

        var linear = graph.Node("Add", sum!, bias);
        if (double.IsFinite(model.Min) || double.IsFinite(model.Max))
            linear = graph.Node("Clip", linear, graph.Double(model.Min), graph.Double(model.Max));
        if (model.Link == Link.Identity)
        {
            graph.Output(ExportNames.Variable, DataType.Float, 1, graph.Cast(linear, DataType.Float));
            return;
        }

        var positive = graph.Node("Squeeze", graph.Node("GreaterOrEqual", linear, graph.Double(0)), graph.Longs(1));
        var label = graph.Cast(positive, DataType.Int64);
        if (options.ClassLabels.IsEmpty)
            graph.Output(ExportNames.Label, DataType.Int64, null, label);
        else
            graph.Output(ExportNames.Label, DataType.String, null, graph.Node("Gather", graph.Texts(options.ClassLabels), label));
        var probabilities = graph.Concat([graph.Node("Sigmoid", graph.Node("Neg", linear)), graph.Node("Sigmoid", linear)]);
        graph.Output(ExportNames.Probabilities, DataType.Float, 2, graph.Cast(probabilities, DataType.Float));
    }
}
