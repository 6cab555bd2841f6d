using OrleansMl.Learning;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference;

/// <summary>
/// Writes a Hoeffding tree: ai.onnx.ml's tree ensemble finds the number of the leaf, whose naive Bayes is gathered from
/// tables by it.
/// </summary>
internal static class TreeGraph
{
    public static string Answer(GraphWriter graph, HoeffdingTreeModel model, GraphInputs inputs)
    {
        var leaf = Leaf(graph, model, inputs);
        var classes = model.Classes;
        var logs = graph.Node("Gather", graph.Doubles(model.Leaves.SelectMany(one => one.LogShares), model.Leaves.Length, classes), leaf);
        if (inputs.Features is { } features && model.Leaves.Any(one => !one.Means.IsEmpty))
        {
            // [L, D, C] each; a leaf that answers by majority, and a feature without variance, has zeros.
            long[] shape = [model.Leaves.Length, model.DenseCount, classes];
            string Table(Func<TreeModelLeaf, int, double> value) => graph.Node(
                "Gather",
                graph.Doubles(model.Leaves.SelectMany(one => Enumerable.Range(0, model.DenseCount * classes).Select(i => one.Means.IsEmpty || !(one.Variances[i] > 0) ? 0 : value(one, i))), shape),
                leaf);
            var off = graph.Node("Sub", graph.Unsqueeze(graph.Cast(features, DataType.Double), 2), Table((one, i) => one.Means[i]));
            var exponent = graph.Node("Mul", graph.Node("Mul", off, off), Table((one, i) => -0.5 / one.Variances[i]));
            var densities = graph.Node("Sub", exponent, Table((one, i) => 0.5 * Math.Log(Math.Tau * one.Variances[i])));
            logs = graph.Node("Add", logs, graph.Sum(densities, 1));
        }

        for (var position = 0; position < model.HashedCount; position++)
        {
            if (model.Leaves.Any(one => !one.Places.IsEmpty && !one.Places[position].Indices.IsEmpty))
                logs = graph.Node("Add", logs, Shares(graph, model, inputs, leaf, position));
        }

        return graph.Node("Softmax", "", [GraphWriter.Attribute("axis", 1)], logs);
    }

    /// <summary>double [N, C]: logarithms of the shares of one hashed feature's place in the row's leaf.</summary>
    private static string Shares(GraphWriter graph, HoeffdingTreeModel model, GraphInputs inputs, string leaf, int position)
    {
        var places = model.Leaves.Where(one => !one.Places.IsEmpty).SelectMany(one => one.Places[position].Indices).Distinct().Order().ToArray();
        var shares = new double[model.Leaves.Length * (places.Length + 1) * model.Classes];
        for (var l = 0; l < model.Leaves.Length; l++)
        {
            for (var i = 0; i < places.Length && !model.Leaves[l].Places.IsEmpty; i++)
                model.Leaves[l].Places[position].Find(places[i]).CopyTo(shares.AsSpan(((l * (places.Length + 1)) + i + 1) * model.Classes));
        }

        var column = graph.Longs(position);
        var place = graph.Node("Gather", "", [GraphWriter.Attribute("axis", 1)], inputs.Indices!, column);
        var present = graph.Cast(graph.Node("Not", graph.Node("Equal", graph.Node("Gather", "", [GraphWriter.Attribute("axis", 1)], inputs.Values!, column), graph.Float(0))), DataType.Int64);
        var number = graph.Node("Mul", graph.Cast(HashedRows.Numbers(graph, places, model.HashBits, place), DataType.Int64), present);
        var row = graph.Node("Add", graph.Node("Mul", leaf, graph.Long(places.Length + 1)), graph.Node("Squeeze", number, graph.Longs(1)));
        return graph.Node("Gather", graph.Doubles(shares, model.Leaves.Length * (places.Length + 1), model.Classes), row);
    }

    /// <summary>int64 [N].</summary>
    private static string Leaf(GraphWriter graph, HoeffdingTreeModel model, GraphInputs inputs)
    {
        if (model.Nodes.Length == 1)
        {
            var rows = graph.Node("Gather", graph.Node("Shape", inputs.Features ?? inputs.Indices!), graph.Longs(0));
            return graph.Cast(graph.Node("ConstantOfShape", rows), DataType.Int64);
        }

        var nodes = model.Nodes;
        var leaves = Enumerable.Range(0, nodes.Length).Where(node => nodes[node].Test is null).ToArray();
        IEnumerable<long> Each(Func<TreeModelNode, long> value) => nodes.Select(value);
        var found = graph.Node(
            "TreeEnsembleRegressor",
            GraphWriter.MlDomain,
            [
                GraphWriter.Attribute("n_targets", 1),
                GraphWriter.Attribute("nodes_treeids", Each(_ => 0)),
                GraphWriter.Attribute("nodes_nodeids", Enumerable.Range(0, nodes.Length).Select(node => (long)node)),
                GraphWriter.Attribute("nodes_featureids", Each(node => node.Test?.Feature ?? 0)),
                GraphWriter.Attribute("nodes_modes", nodes.Select(node => node.Test is not { } test ? "LEAF" : test.IsHashed ? "BRANCH_EQ" : "BRANCH_LEQ")),
                GraphWriter.Attribute("nodes_values", nodes.Select(node => node.Test is { } test ? AtMost(test.Value) : 0)),
                GraphWriter.Attribute("nodes_truenodeids", Each(node => node.Left)),
                GraphWriter.Attribute("nodes_falsenodeids", Each(node => node.Right)),
                GraphWriter.Attribute("target_treeids", leaves.Select(_ => 0L)),
                GraphWriter.Attribute("target_nodeids", leaves.Select(node => (long)node)),
                GraphWriter.Attribute("target_ids", leaves.Select(_ => 0L)),
                GraphWriter.Attribute("target_weights", leaves.Select(node => (float)nodes[node].Leaf)),
            ],
            Tested(graph, inputs));
        return graph.Node("Squeeze", graph.Cast(found, DataType.Int64), graph.Longs(1));
    }

    /// <summary>float32 [N, D + K]: the features, then the places, −1 for a missing one; floats hold places up to 2^24 exactly.</summary>
    private static string Tested(GraphWriter graph, GraphInputs inputs)
    {
        var columns = new List<string>();
        if (inputs.Features is { } features)
            columns.Add(features);
        if (inputs.Indices is { } indices)
            columns.Add(graph.Node("Where", graph.Node("Equal", inputs.Values!, graph.Float(0)), graph.Float(-1), graph.Cast(indices, DataType.Float)));
        return graph.Concat(columns);
    }

    /// <summary>The largest float that is not over the value: floats at or under the one are those at or under the other.</summary>
    private static float AtMost(double value)
    {
        var rounded = (float)value;
        return rounded > value ? MathF.BitDecrement(rounded) : rounded;
    }
}
