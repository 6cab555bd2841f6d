using OrleansMl.Learning;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference;

/// <summary>Writes factorization machines and matrix factorizations.</summary>
internal static class FactorizationGraph
{
    /// <summary>bias + Σ w x + ½ Σ_f [(Σ v x)² − Σ v² x²].</summary>
    public static string Answer(GraphWriter graph, FactorizationMachineModel model, GraphInputs inputs)
    {
        // [N, D + K, 1 + F]: each feature's weight and factors times its value.
        var width = 1 + model.Factors;
        var terms = new List<string>();
        if (inputs.Features is { } features)
            terms.Add(graph.Node("Mul", graph.Unsqueeze(graph.Cast(features, DataType.Double), 2), graph.Doubles(model.Dense, model.DenseCount, width)));
        if (inputs.Indices is { } indices)
            terms.Add(graph.Node("Mul", HashedRows.Gather(graph, model.Hashed, model.HashBits, indices), HashedRows.Values(graph, inputs.Values!)));
        var all = graph.Concat(terms);
        var sums = graph.Sum(all, 1);
        var squares = graph.Sum(graph.Node("Mul", all, all), 1);
        var pairs = graph.Columns(graph.Node("Sub", graph.Node("Mul", sums, sums), squares), Enumerable.Range(1, model.Factors));
        var score = graph.Node("Add", graph.Columns(sums, [0]), graph.Node("Mul", graph.Double(0.5), graph.Sum(pairs, 1, keep: true)));
        return AnswerGraph.Link(graph, model.Link, graph.Node("Add", score, graph.Double(model.Bias)));
    }

    /// <summary>center + bᵤ + bᵢ + ⟨pᵤ, qᵢ⟩.</summary>
    public static string Answer(GraphWriter graph, MatrixFactorizationModel model, GraphInputs inputs)
    {
        var present = graph.Cast(graph.Node("Not", graph.Node("Equal", inputs.Values!, graph.Float(0))), DataType.Int64);

        // A missing id is sent to a place that nothing learned: row 0.
        var user = Row(graph, model.Users, model.HashBits, inputs.Indices!, present, 0);
        var item = Row(graph, model.Items, model.HashBits, inputs.Indices!, present, 1);
        var score = graph.Node("Add", graph.Node("Add", graph.Columns(user, [0]), graph.Columns(item, [0])), graph.Double(model.Center));
        var factors = model.Users.Width - 1;
        if (factors > 0)
        {
            var products = graph.Node("Mul", graph.Columns(user, Enumerable.Range(1, factors)), graph.Columns(item, Enumerable.Range(1, factors)));
            score = graph.Node("Add", score, graph.Sum(products, 1, keep: true));
        }

        if (double.IsFinite(model.Min) || double.IsFinite(model.Max))
            score = graph.Node("Clip", score, graph.Double(model.Min), graph.Double(model.Max));
        return AnswerGraph.Link(graph, model.Link, score);
    }

    /// <summary>double [N, 1 + F].</summary>
    private static string Row(GraphWriter graph, SparseRows rows, int hashBits, string indices, string present, int position)
    {
        var column = graph.Longs(position);
        var place = graph.Node("Gather", "", [GraphWriter.Attribute("axis", 1)], indices, column);
        var number = graph.Node("Mul", graph.Cast(HashedRows.Numbers(graph, rows.Indices, hashBits, place), DataType.Int64), graph.Node("Gather", "", [GraphWriter.Attribute("axis", 1)], present, column));
        var matrix = graph.Doubles(Enumerable.Repeat(0.0, rows.Width).Concat(rows.Values), rows.Indices.Length + 1, rows.Width);
        return graph.Node("Gather", matrix, graph.Node("Squeeze", number, graph.Longs(1)));
    }
}
