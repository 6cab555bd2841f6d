using OrleansMl.Inference.Onnx;
using OrleansMl.Learning;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference;

/// <summary>Writes any learned model, in double inside.</summary>
internal static class AnswerGraph
{
    /// <summary>Writes the model with its outputs.</summary>
    public static void Write(GraphWriter graph, LearnerModel model, ExportOptions options, GraphInputs inputs)
    {
        if (model is LinearModel linear)
        {
            LinearGraph.Write(graph, linear, options, inputs);
            return;
        }

        var answer = Answer(graph, model, inputs);
        if (model.Classes == 0)
        {
            graph.Output(ExportNames.Variable, DataType.Float, 1, graph.Cast(answer, DataType.Float));
            return;
        }

        // Of two equally probable classes the positive one, as 0.5 is enough; of more the first.
        var label = graph.Node("ArgMax", "", [GraphWriter.Attribute("axis", 1), GraphWriter.Attribute("keepdims", 0), GraphWriter.Attribute("select_last_index", model.Classes == 2 ? 1 : 0)], answer);
        WriteLabel(graph, label, options);
        graph.Output(ExportNames.Probabilities, DataType.Float, model.Classes, graph.Cast(answer, DataType.Float));
    }

    /// <summary>double [N, 1] of a value, or [N, C] of probabilities.</summary>
    /// <exception cref="NotSupportedException">A model without a graph.</exception>
    public static string Answer(GraphWriter graph, LearnerModel model, GraphInputs inputs) => model switch
    {
        LinearModel linear => LinearGraph.Answer(graph, linear, inputs),
        SoftmaxModel softmax => SoftmaxGraph.Answer(graph, softmax, inputs),
        NaiveBayesModel bayes => NaiveBayesGraph.Answer(graph, bayes, inputs),
        BoostedTreesModel trees => BoostedTreesGraph.Answer(graph, trees, inputs),
        HoeffdingTreeModel tree => TreeGraph.Answer(graph, tree, inputs),
        FactorizationMachineModel machine => FactorizationGraph.Answer(graph, machine, inputs),
        MatrixFactorizationModel matrix => FactorizationGraph.Answer(graph, matrix, inputs),
        BaggedModel bagged => Mean(graph, bagged, inputs),
        _ => throw new NotSupportedException($"{model.GetType().Name} cannot be written as ONNX."),
    };

    /// <summary>The label of class indices [N].</summary>
    public static void WriteLabel(GraphWriter graph, string label, ExportOptions options)
    {
        if (options.ClassLabels.IsEmpty)
            graph.Output(ExportNames.Label, DataType.Int64, null, label);
        else
            graph.Output(ExportNames.Label, DataType.String, null, graph.Node("Gather", graph.Texts(options.ClassLabels), label));
    }

    /// <summary>The answer of a score [N, 1].</summary>
    public static string Link(GraphWriter graph, Link link, string score) => link == Learning.Link.Identity ? score : Logistic(graph, score);

    /// <summary>[N, 2] of a logit [N, 1].</summary>
    public static string Logistic(GraphWriter graph, string logit)
        => graph.Concat([graph.Node("Sigmoid", graph.Node("Neg", logit)), graph.Node("Sigmoid", logit)]);

    private static string Mean(GraphWriter graph, BaggedModel model, GraphInputs inputs)
    {
        var sum = Answer(graph, model.Members[0], inputs);
        foreach (var member in model.Members.Skip(1))
            sum = graph.Node("Add", sum, Answer(graph, member, inputs));
        return graph.Node("Div", sum, graph.Double(model.Members.Length));
    }
}
