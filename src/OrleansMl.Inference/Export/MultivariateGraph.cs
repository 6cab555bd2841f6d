using OrleansMl.Learning;

namespace OrleansMl.Inference;

/// <summary>Writes stages that see several columns at once, in double; NaN in any of them makes all of a row's results NaN.</summary>
internal static class MultivariateGraph
{
    /// <summary>double [N, K] from [N, M]: the root of the summed squares, not of |x|² − 2xc + |c|², which loses the digits of a small distance.</summary>
    public static string Distances(GraphWriter graph, string columns, KMeansStage stage)
    {
        var differences = graph.Node("Sub", graph.Unsqueeze(columns, 1), graph.Doubles(stage.Centres, 1, stage.Count, stage.Columns.Length));
        return graph.Node("Sqrt", graph.Sum(graph.Node("Mul", differences, differences), 2));
    }

    /// <summary>double [N, Q] from [N, M].</summary>
    public static string Components(GraphWriter graph, string columns, PrincipalComponents components)
    {
        var (count, width) = (components.Count, components.Means.Length);
        var byColumn = Enumerable.Range(0, width).SelectMany(j => Enumerable.Range(0, count).Select(q => components.Loadings[(q * width) + j]));
        return graph.Node("MatMul", graph.Node("Sub", columns, graph.DoubleRow(components.Means)), graph.Doubles(byColumn, width, count));
    }
}
