using OrleansMl.Inference.Onnx;
using AttributeType = OrleansMl.Inference.Onnx.AttributeProto.Types.AttributeType;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference;

/// <summary>
/// The rules of the ONNX checker (onnx/checker.cc) that need no schemas of operators: every value is made once and before it is read,
/// also across subgraphs; domains are imported; tensors hold what their shapes say; attributes say their types. What operators take
/// is for the runtime to say, when it loads the graph.
/// </summary>
public static class GraphChecker
{
    // Until this version of the format an initializer had to be an input as well.
    private const long FreeInitializers = 4;

    /// <summary>What breaks a rule, in words; empty: nothing does.</summary>
    public static IReadOnlyList<string> Check(ModelProto model)
    {
        var problems = new List<string>();
        if (model.IrVersion <= 0)
            problems.Add("the model states no format version");
        var domains = model.OpsetImport.Select(opset => Domain(opset.Domain)).ToHashSet(StringComparer.Ordinal);
        if (domains.Count != model.OpsetImport.Count)
            problems.Add("an operator set is imported twice");
        if (model.Graph is null)
            return [.. problems, "the model has no graph"];
        if (model.Graph.Name.Length == 0)
            problems.Add("the graph has no name");
        foreach (var function in model.Functions)
            domains.Add(Domain(function.Domain));
        Graph(model, model.Graph, [], domains, problems);
        foreach (var value in model.Graph.Input.Concat(model.Graph.Output))
        {
            if (value.Type is null || value.Type.ValueCase == TypeProto.ValueOneofCase.None)
                problems.Add($"'{value.Name}' has no type");
        }

        return problems;
    }

    private static void Graph(ModelProto model, GraphProto graph, HashSet<string> outer, HashSet<string> domains, List<string> problems)
    {
        var known = new HashSet<string>(outer, StringComparer.Ordinal);
        var inputs = new HashSet<string>(StringComparer.Ordinal);
        foreach (var input in graph.Input)
        {
            if (input.Name.Length == 0)
                problems.Add("an input has no name");
            else if (!inputs.Add(input.Name) || !known.Add(input.Name))
                problems.Add($"the input '{input.Name}' is named twice");
        }

        var tensors = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tensor in graph.Initializer)
        {
            if (!tensors.Add(tensor.Name) || (!known.Add(tensor.Name) && !inputs.Contains(tensor.Name)))
                problems.Add($"the initializer '{tensor.Name}' is named twice");
            if (model.IrVersion < FreeInitializers && ReferenceEquals(graph, model.Graph) && !inputs.Contains(tensor.Name))
                problems.Add($"the initializer '{tensor.Name}' is no input, which format {model.IrVersion} demands");
            Tensor(tensor, problems);
        }

        foreach (var sparse in graph.SparseInitializer)
        {
            if (sparse.Values is null || !tensors.Add(sparse.Values.Name) || !known.Add(sparse.Values.Name))
                problems.Add($"the sparse initializer '{sparse.Values?.Name}' is named twice, or has no values");
        }

        foreach (var node in graph.Node)
            Node(model, node, known, domains, problems);
        foreach (var output in graph.Output.Where(output => !known.Contains(output.Name)))
            problems.Add($"nothing makes the output '{output.Name}'");
        foreach (var twice in graph.Output.GroupBy(output => output.Name, StringComparer.Ordinal).Where(group => group.Count() > 1))
            problems.Add($"the output '{twice.Key}' is named twice");
        foreach (var value in graph.ValueInfo.Where(value => !known.Contains(value.Name)))
            problems.Add($"a type is stated for '{value.Name}', which is no value of the graph");
    }

    private static void Node(ModelProto model, NodeProto node, HashSet<string> known, HashSet<string> domains, List<string> problems)
    {
        var name = $"node {node.OpType} '{(node.Name.Length > 0 ? node.Name : node.Output.FirstOrDefault())}'";
        if (node.OpType.Length == 0)
            problems.Add($"{name} names no operator");
        if (!domains.Contains(Domain(node.Domain)))
            problems.Add($"{name} is of domain '{node.Domain}', which is not imported");
        if (node.Input.Count == 0 && node.Output.Count == 0)
            problems.Add($"{name} has neither inputs nor outputs");
        foreach (var input in node.Input.Where(input => input.Length > 0 && !known.Contains(input)))
            problems.Add($"{name} reads '{input}' before anything makes it");
        foreach (var twice in node.Attribute.GroupBy(attribute => attribute.Name, StringComparer.Ordinal).Where(group => group.Count() > 1))
            problems.Add($"{name} has the attribute '{twice.Key}' twice");
        foreach (var attribute in node.Attribute)
            Attribute(model, name, attribute, known, domains, problems);
        foreach (var output in node.Output.Where(output => output.Length > 0 && !known.Add(output)))
            problems.Add($"{name} makes '{output}', which is there already");
    }

    private static void Attribute(ModelProto model, string node, AttributeProto attribute, HashSet<string> known, HashSet<string> domains, List<string> problems)
    {
        if (attribute.Name.Length == 0)
            problems.Add($"{node} has an attribute without a name");
        var fits = attribute.Type switch
        {
            AttributeType.Undefined => attribute.RefAttrName.Length > 0,
            AttributeType.Tensor => attribute.T is not null,
            AttributeType.Graph => attribute.G is not null,
            AttributeType.Floats => attribute.Ints.Count + attribute.Strings.Count == 0,
            AttributeType.Ints => attribute.Floats.Count + attribute.Strings.Count == 0,
            AttributeType.Strings => attribute.Floats.Count + attribute.Ints.Count == 0,
            _ => true,
        };
        if (!fits)
            problems.Add($"{node} has the attribute '{attribute.Name}', whose value is not of its type {attribute.Type}");
        foreach (var tensor in attribute.T is { } one ? attribute.Tensors.Append(one) : attribute.Tensors)
            Tensor(tensor, problems);
        foreach (var graph in attribute.G is { } inner ? attribute.Graphs.Append(inner) : attribute.Graphs)
            Graph(model, graph, known, domains, problems);
    }

    private static void Tensor(TensorProto tensor, List<string> problems)
    {
        if (tensor.Dims.Any(dimension => dimension < 0))
        {
            problems.Add($"the tensor '{tensor.Name}' has a dimension below 0");
            return;
        }

        if (tensor.DataLocation == TensorProto.Types.DataLocation.External)
            return;
        var count = tensor.Dims.Aggregate(1L, static (product, dimension) => product * dimension);
        int[] fields = [tensor.FloatData.Count, tensor.Int32Data.Count, tensor.StringData.Count, tensor.Int64Data.Count, tensor.DoubleData.Count, tensor.Uint64Data.Count, tensor.RawData.Length];
        if (fields.Count(field => field > 0) > 1)
            problems.Add($"the tensor '{tensor.Name}' keeps its values in two places");
        if (OnnxTypes.ToTensorType(tensor.DataType) is not { } type)
        {
            if ((DataType)tensor.DataType == DataType.Undefined)
                problems.Add($"the tensor '{tensor.Name}' has no type");
            return;
        }

        long held = tensor.RawData.Length > 0 && type != TensorType.Bytes ? tensor.RawData.Length : (long)fields.Max() * (type == TensorType.Bytes ? 1 : type.Size());
        var wanted = count * (type == TensorType.Bytes ? 1 : type.Size());
        if (held != wanted)
            problems.Add($"the tensor '{tensor.Name}' of [{string.Join(',', tensor.Dims)}] holds {held} bytes, not {wanted}");
    }

    private static string Domain(string domain) => domain == "ai.onnx" ? "" : domain;
}
