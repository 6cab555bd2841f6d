using OrleansMl.Inference.Onnx;

namespace OrleansMl.Inference;

/// <summary>
/// Whether the nodes of somebody else's graph may stand in one of ours. A graph has one set of operators of each domain: nodes of an older set go in where they
/// mean the same in the newer (source: the changelogs of ONNX and of ai.onnx.ml).
/// </summary>
internal static class OperatorSets
{
    /// <summary>From here to the newest one that is written, no operator means something else at inference.</summary>
    private const long Steady = 13;

    private const long Newest = 21;

    /// <summary>From here on LabelEncoder names its keys and values.</summary>
    private const long SteadyMl = 2;

    private const long NewestMl = 5;

    /// <summary>Operators that mean the same in all sets from 8 on, as they are read here.</summary>
    private static readonly HashSet<string> s_steady = new(StringComparer.Ordinal)
    {
        "Abs", "Add", "ArgMax", "ArgMin", "AveragePool", "Cast", "Concat", "Constant", "Conv", "Div", "Elu", "Equal", "Exp", "Flatten", "Gather", "Gemm", "GlobalAveragePool",
        "GlobalMaxPool", "Greater", "Identity", "LRN", "LeakyRelu", "Less", "Log", "MatMul", "MaxPool", "Mul", "Neg", "Not", "PRelu", "Relu", "Reshape", "Sigmoid", "Sqrt", "Sub",
        "Tanh", "Transpose", "Where",
    };

    /// <summary>The standard set that the graph's nodes need; 0: it has none of them.</summary>
    public static long Of(ModelProto model) => model.OpsetImport.Where(opset => IsStandard(opset.Domain)).Select(opset => opset.Version).DefaultIfEmpty(0).Max();

    /// <summary>Why only some runtimes run the graph; null: all do.</summary>
    public static string? WhyNotPortable(ModelProto model, string what) =>
        model.OpsetImport.FirstOrDefault(opset => !IsStandard(opset.Domain) && opset.Domain != GraphWriter.MlDomain) is { } foreign ? $"the {what} uses operators of {foreign.Domain}" : null;

    /// <summary>Makes the nodes fit; answers with why they do not, with the remedy, and null where they do.</summary>
    /// <param name="model">A Dropout of an old set becomes what it is at inference.</param>
    /// <param name="what">What it is called.</param>
    public static string? Fit(ModelProto model, string what)
    {
        if (Of(model) is var opset && opset > Newest)
            return $"The {what} is of operator set {opset}; versions are written up to {Newest}. Export it for an older set.";
        if (model.OpsetImport.FirstOrDefault(import => import.Domain == GraphWriter.MlDomain) is { } ml && WhyNotMl(model.Graph, ml.Version, what) is { } why)
            return why;
        if (model.Functions.Count > 0)
            return $"The {what} has functions of its own, which versions are not written with; export it without.";
        foreach (var node in model.Graph.Node.Where(node => opset < Steady && IsStandard(node.Domain)))
        {
            if (node.OpType == "Dropout")
            {
                // Nothing is dropped at inference, and the ratio moved from an attribute to an input.
                node.OpType = "Identity";
                node.Attribute.Clear();
                while (node.Output.Count > 1)
                    node.Output.RemoveAt(1);
            }
            else if (!s_steady.Contains(node.OpType) && !(opset >= 9 && node.OpType == "BatchNormalization"))
            {
                return $"The {what} is of operator set {opset}, and {node.OpType} means something else in the one that versions are written in; export it for set {Steady} or a newer one.";
            }
        }

        return null;
    }

    private static string? WhyNotMl(GraphProto graph, long version, string what) =>
        version > NewestMl ? $"The {what} is of version {version} of {GraphWriter.MlDomain}; versions are written up to {NewestMl}. Export it for an older one."
        : version < SteadyMl && graph.Node.Any(node => node is { OpType: "LabelEncoder", Domain: GraphWriter.MlDomain }) ? $"The {what} has a LabelEncoder of version {version} of {GraphWriter.MlDomain}, which means something else from {SteadyMl} on; export it for version {SteadyMl} or 3."
        : null;

    private static bool IsStandard(string domain) => domain is "" or "ai.onnx";
}
