using OrleansMl.Learning;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference;

/// <summary>Writes the head of a network over its embedding, in double inside.</summary>
internal static class HeadGraph
{
    public static string Answer(GraphWriter graph, HeadModel head, GraphInputs inputs)
    {
        var (rows, width) = (head.Rows, head.DenseCount);
        var columns = Enumerable.Range(0, width * rows).Select(i => head.Weights[((i % rows) * width) + (i / rows)]);
        var product = graph.Node("MatMul", graph.Cast(inputs.Features!, DataType.Double), graph.Doubles(columns, width, rows));
        var scores = graph.Node("Add", graph.DoubleRow(head.Bias), product);
        if (head.IsRectified)
            scores = graph.Node("Relu", scores);
        return rows > 1 ? graph.Node("Softmax", "", [GraphWriter.Attribute("axis", 1)], scores) : AnswerGraph.Link(graph, head.Link, scores);
    }
}
