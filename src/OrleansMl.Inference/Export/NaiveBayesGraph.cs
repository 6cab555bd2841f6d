using OrleansMl.Learning;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference;

/// <summary>Writes naive Bayes: softmax of log prior + Σ ln(floor + normal density) + Σ value · ln share.</summary>
internal static class NaiveBayesGraph
{
    public static string Answer(GraphWriter graph, NaiveBayesModel model, GraphInputs inputs)
    {
        var logs = graph.DoubleRow(model.LogPriors);
        if (inputs.Features is { } features)
        {
            long[] shape = [model.DenseCount, model.Classes];
            var off = graph.Node("Sub", graph.Unsqueeze(graph.Cast(features, DataType.Double), 2), graph.Doubles(model.Means, shape));
            var exponent = graph.Node("Mul", graph.Node("Mul", off, off), graph.Doubles(model.Variances.Select(variance => variance > 0 ? -0.5 / variance : 0), shape));
            var density = graph.Node("Mul", graph.Node("Exp", exponent), graph.Doubles(model.Variances.Select(variance => variance > 0 ? 1 / Math.Sqrt(Math.Tau * variance) : 0), shape));
            logs = graph.Node("Add", logs, graph.Sum(graph.Node("Log", graph.Node("Add", density, graph.Double(model.DensityFloor))), 1));
        }

        if (inputs.Indices is { } indices)
        {
            var shares = graph.Node("Mul", HashedRows.Gather(graph, model.Hashed, model.HashBits, indices, model.Unseen), HashedRows.Values(graph, inputs.Values!));
            logs = graph.Node("Add", logs, graph.Sum(shares, 1));
        }

        return graph.Node("Softmax", "", [GraphWriter.Attribute("axis", 1)], logs);
    }
}
