using OrleansMl.Inference.Onnx;
using OrleansMl.Learning;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference;

/// <summary>
/// Writes gradient-boosted trees as one tree ensemble of ai.onnx.ml 3, with inputs and leaves in double, so that the
/// runtime adds up in double; only its output is rounded to float32, to which starts are added in double again. Features
/// are float32 in both worlds and thresholds float32 too: both take the same branches. A test of categories is a column
/// of its own: 0 where the code's set says left, else 1, gathered from a table with one more row for what is no code.
/// </summary>
internal static class BoostedTreesGraph
{
    public static string Answer(GraphWriter graph, BoostedTreesModel model, GraphInputs inputs)
    {
        var sums = graph.Node("Add", Sums(graph, model, inputs.Features!), graph.DoubleRow(model.Start));
        return model.Link switch
        {
            BoostedLink.Exponential => graph.Node("Exp", sums),
            BoostedLink.Logistic => AnswerGraph.Logistic(graph, sums),
            BoostedLink.Softmax => graph.Node("Softmax", "", [GraphWriter.Attribute("axis", 1)], sums),
            _ => sums,
        };
    }

    /// <summary>double [N, T].</summary>
    private static string Sums(GraphWriter graph, BoostedTreesModel model, string features)
    {
        var (columns, places) = CategoryColumns(graph, model, features);
        var nodes = model.Nodes;
        var trees = new long[nodes.Length];
        for (var tree = 0; tree < model.Roots.Length; tree++)
            Array.Fill(trees, tree, model.Roots[tree], (tree + 1 < model.Roots.Length ? model.Roots[tree + 1] : nodes.Length) - model.Roots[tree]);
        var all = Enumerable.Range(0, nodes.Length).ToArray();
        var leaves = all.Where(node => nodes[node].IsLeaf).ToArray();
        long Inside(int node) => node - model.Roots[(int)trees[node]];
        var ensemble = graph.Node(
            "TreeEnsembleRegressor",
            GraphWriter.MlDomain,
            [
                GraphWriter.Attribute("n_targets", model.Start.Length),
                GraphWriter.Attribute("nodes_treeids", trees),
                GraphWriter.Attribute("nodes_nodeids", all.Select(Inside)),
                GraphWriter.Attribute("nodes_featureids", all.Select(node => nodes[node].IsLeaf ? 0L : places[node])),
                GraphWriter.Attribute("nodes_modes", nodes.Select(node => node.IsLeaf ? "LEAF" : "BRANCH_LEQ")),
                GraphWriter.Attribute("nodes_values_as_tensor", GraphWriter.DoubleTensor(nodes.Select(node => node.IsLeaf ? 0 : node.Categories >= 0 ? 0.5 : node.Threshold), nodes.Length)),
                GraphWriter.Attribute("nodes_truenodeids", all.Select(node => nodes[node].IsLeaf ? 0 : Inside(nodes[node].Left))),
                GraphWriter.Attribute("nodes_falsenodeids", all.Select(node => nodes[node].IsLeaf ? 0 : Inside(nodes[node].Left + 1))),
                GraphWriter.Attribute("nodes_missing_value_tracks_true", nodes.Select(node => node is { IsLeaf: false, Categories: < 0, MissingLeft: true } ? 1L : 0)),
                GraphWriter.Attribute("target_treeids", leaves.Select(node => trees[node])),
                GraphWriter.Attribute("target_nodeids", leaves.Select(Inside)),
                GraphWriter.Attribute("target_ids", leaves.Select(node => trees[node] % model.Start.Length)),
                GraphWriter.Attribute("target_weights_as_tensor", GraphWriter.DoubleTensor(leaves.Select(node => nodes[node].Value), leaves.Length)),
            ],
            columns);
        return graph.Cast(ensemble, DataType.Double);
    }

    /// <summary>double [N, D + S]: the features, then a column for each set of categories; and by node the column that it tests.</summary>
    private static (string Columns, int[] Places) CategoryColumns(GraphWriter graph, BoostedTreesModel model, string features)
    {
        // A double beyond float32 became ∞ on the way: missing, as for the model.
        var tested = graph.Node("Where", graph.IsFinite(features, DataType.Float), features, graph.Float(float.NaN));
        var blocks = new List<string> { graph.Cast(tested, DataType.Double) };
        var places = model.Nodes.Select(node => node.Feature).ToArray();
        var width = model.DenseCount;
        var sets = Enumerable.Range(0, places.Length).Where(node => model.Nodes[node].Categories >= 0);
        foreach (var ofFeature in sets.GroupBy(node => model.Nodes[node].Feature).OrderBy(group => group.Key))
        {
            var categories = model.Categories[ofFeature.Key];
            var columns = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var node in ofFeature)
            {
                // The last one is what is no code.
                var rights = string.Concat(Enumerable.Range(0, categories + 1).Select(code => model.GoesLeft(model.Nodes[node], code) ? '0' : '1'));
                columns.TryAdd(rights, columns.Count);
                places[node] = width + columns[rights];
            }

            var ordered = columns.OrderBy(column => column.Value).Select(column => column.Key).ToArray();
            var table = Enumerable.Range(0, categories + 1).SelectMany(code => ordered.Select(rights => (double)(rights[code] - '0')));
            blocks.Add(graph.Node("Gather", graph.Doubles(table, categories + 1, ordered.Length), Codes(graph, features, ofFeature.Key, categories)));
            width += ordered.Length;
        }

        return (graph.Concat(blocks), places);
    }

    /// <summary>int64 [N]: the code, n for what is none.</summary>
    private static string Codes(GraphWriter graph, string features, int feature, int categories)
    {
        var value = graph.Node("Squeeze", graph.Columns(features, [feature]), graph.Longs(1));
        var inside = graph.Node("And", graph.Node("GreaterOrEqual", value, graph.Float(0)), graph.Node("Less", value, graph.Float(categories)));
        var isCode = graph.Node("And", inside, graph.Node("Equal", graph.Node("Floor", value), value));
        return graph.Cast(graph.Node("Where", isCode, value, graph.Float(categories)), DataType.Int64);
    }
}
