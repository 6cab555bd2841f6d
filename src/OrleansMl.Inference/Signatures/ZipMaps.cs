using System.Runtime.InteropServices;
using OrleansMl.Inference.Onnx;

namespace OrleansMl.Inference;

/// <summary>
/// Outputs that <c>ZipMap</c> makes: it zips a tensor [N,C] with C constant labels to N maps (ONNX, ai.onnx.ml, ZipMap-1).
/// Nothing else in ONNX makes maps. Given back as the tensor and the labels they lose nothing, batch like any tensor, and
/// the runtime need not build a map for each row.
/// </summary>
internal sealed class ZipMaps
{
    private const string Domain = "ai.onnx.ml";

    // The oldest operator set of the standard domain that ONNX Runtime promises to run.
    private const int OldestOpset = 7;

    // By output. One that other nodes read too is not among them: those nodes need its maps.
    private readonly Dictionary<string, NodeProto> _makers = new(StringComparer.Ordinal);

    public ZipMaps(GraphProto graph)
    {
        foreach (var node in graph.Node)
        {
            if (node.OpType == "ZipMap" && node.Domain == Domain && node.Input.Count == 1 && node.Output.Count == 1)
                _makers[node.Output[0]] = node;
        }

        if (_makers.Count == 0)
            return;
        foreach (var input in graph.Node.SelectMany(n => n.Input))
            _makers.Remove(input);
    }

    /// <summary>The labels of an output, INT64 or BYTES [C]; null when no <c>ZipMap</c> makes it.</summary>
    public Tensor? FindLabels(ValueInfoProto output)
    {
        if (output.Type?.SequenceType?.ElemType?.ValueCase != TypeProto.ValueOneofCase.MapType || !_makers.TryGetValue(output.Name, out var node))
            return null;
        var name = output.Name + OutputPart.KeysSuffix;
        var numbers = node.Attribute.FirstOrDefault(a => a.Name == "classlabels_int64s")?.Ints.ToArray() ?? [];
        var texts = node.Attribute.FirstOrDefault(a => a.Name == "classlabels_strings")?.Strings.ToArray() ?? [];
        // Both or neither is no valid node; a key twice would be one entry of a map, but two of a tensor.
        if (numbers.Length > 0 == texts.Length > 0 || numbers.Distinct().Count() + texts.Distinct().Count() != numbers.Length + texts.Length)
            return null;
        return numbers.Length > 0
            ? new Tensor(name, TensorType.Int64, new long[] { numbers.Length }, MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray())
            : new Tensor(name, new long[] { texts.Length }, Array.ConvertAll(texts, static t => (ReadOnlyMemory<byte>)t.ToByteArray()));
    }

    /// <summary>Puts the tensors before <c>ZipMap</c> in place of its maps.</summary>
    /// <param name="model">Is changed.</param>
    /// <param name="outputs">Names of outputs for which <see cref="FindLabels"/> gave labels.</param>
    public static void Unzip(ModelProto model, IReadOnlySet<string> outputs)
    {
        var zipMaps = new ZipMaps(model.Graph);
        foreach (var output in model.Graph.Output.Where(o => outputs.Contains(o.Name)))
        {
            var node = zipMaps._makers[output.Name];
            (node.OpType, node.Domain) = ("Identity", "");
            node.Attribute.Clear();
            output.Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float } };
        }

        // Repeated facts of the same value must not contradict its new type.
        ValueInfoProto[] facts = [.. model.Graph.ValueInfo.Where(v => !outputs.Contains(v.Name))];
        model.Graph.ValueInfo.Clear();
        model.Graph.ValueInfo.Add(facts);
        if (outputs.Count > 0 && !model.OpsetImport.Any(o => o.Domain is "" or "ai.onnx"))
            model.OpsetImport.Add(new OperatorSetIdProto { Version = OldestOpset });
    }
}
