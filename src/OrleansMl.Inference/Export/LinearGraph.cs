using OrleansMl.Inference.Onnx;
using OrleansMl.Learning;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference;

/// <summary>Writes a linear model: link(clip(bias + features · w + Σ table[index] · value)), in double inside.</summary>
internal static class LinearGraph
{
    /// <summary>Writes the model with its outputs. The label comes from the sign of the logit, which rounding does not touch.</summary>
    /// <param name="graph">Gets the nodes and the outputs.</param>
    /// <param name="model">The weights.</param>
    /// <param name="options">Class labels.</param>
    /// <param name="inputs">What a pipeline gives.</param>
    public static void Write(GraphWriter graph, LinearModel model, ExportOptions options, GraphInputs inputs)
    {
        var linear = Linear(graph, model, inputs);
        if (model.Link == Link.Identity)
        {
            graph.Output(ExportNames.Variable, DataType.Float, 1, graph.Cast(linear, DataType.Float));
            return;
        }

        var positive = graph.Node("Squeeze", graph.Node("GreaterOrEqual", linear, graph.Double(0)), graph.Longs(1));
        AnswerGraph.WriteLabel(graph, graph.Cast(positive, DataType.Int64), options);
        graph.Output(ExportNames.Probabilities, DataType.Float, 2, graph.Cast(AnswerGraph.Logistic(graph, linear), DataType.Float));
    }

    /// <summary>double [N, 1] of a value, or [N, 2] of probabilities.</summary>
    public static string Answer(GraphWriter graph, LinearModel model, GraphInputs inputs)
        => AnswerGraph.Link(graph, model.Link, Linear(graph, model, inputs));

    private static string Linear(GraphWriter graph, LinearModel model, GraphInputs inputs)
    {
        var bias = graph.Double(model.Bias);
        string? sum = null;
        if (inputs.Features is { } features)
            sum = graph.Node("MatMul", graph.Cast(features, DataType.Double), graph.DoubleColumn(model.Dense));
        if (inputs.Indices is { } indices)
        {
            var table = new float[1 << model.HashBits];
            foreach (var (index, weight) in model.Hashed)
                table[index] = (float)weight;
            var products = graph.Node("Mul", graph.Cast(graph.Node("Gather", graph.Floats(table), indices), DataType.Double), graph.Cast(inputs.Values!, DataType.Double));
            var hashed = graph.Node("ReduceSum", "", [GraphWriter.Attribute("keepdims", 1)], products, graph.Longs(1));
            sum = sum is null ? hashed : graph.Node("Add", sum, hashed);
        }

        var linear = graph.Node("Add", sum!, bias);
        if (double.IsFinite(model.Min) || double.IsFinite(model.Max))
            linear = graph.Node("Clip", linear, graph.Double(model.Min), graph.Double(model.Max));
        return linear;
    }
}
