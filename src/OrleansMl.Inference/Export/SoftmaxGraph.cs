using OrleansMl.Learning;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference;

/// <summary>Writes a multinomial logistic regression.</summary>
internal static class SoftmaxGraph
{
    public static string Answer(GraphWriter graph, SoftmaxModel model, GraphInputs inputs)
    {
        var scores = graph.DoubleRow(model.Bias);
        if (inputs.Features is { } features)
            scores = graph.Node("Add", scores, graph.Node("MatMul", graph.Cast(features, DataType.Double), graph.Doubles(model.Dense, model.DenseCount, model.Classes)));
        if (inputs.Indices is { } indices)
        {
            var products = graph.Node("Mul", HashedRows.Gather(graph, model.Hashed, model.HashBits, indices), HashedRows.Values(graph, inputs.Values!));
            scores = graph.Node("Add", scores, graph.Sum(products, 1));
        }

        return graph.Node("Softmax", "", [GraphWriter.Attribute("axis", 1)], scores);
    }
}
