using Google.Protobuf;
using OrleansMl.Inference.Onnx;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference;

/// <summary>Adds nodes and constants to a graph under unique names. Writing is deterministic: equal calls give equal bytes.</summary>
internal sealed class GraphWriter(string name)
{
    public const string MlDomain = "ai.onnx.ml";
    public const string MicrosoftDomain = "com.microsoft";

    /// <summary>The dimension of the batch.</summary>
    private const string BatchDimension = "N";

    private readonly GraphProto _graph = new() { Name = name };
    private readonly SortedDictionary<string, long> _domains = new(StringComparer.Ordinal);
    private int _names;

    public string FloatInput(string name, int width) => Input(name, DataType.Float, width);

    public string Input(string name, DataType type, int width)
    {
        _graph.Input.Add(Value(name, type, width));
        return name;
    }

    /// <summary>An output [N, width], or [N] without a width.</summary>
    public void Output(string name, DataType type, int? width, string source)
    {
        _graph.Output.Add(Value(name, type, width));
        _graph.Node.Add(new NodeProto { OpType = "Identity", Name = "oml/output/" + name, Input = { source }, Output = { name } });
    }

    public string Node(string operation, params ReadOnlySpan<string> inputs) => Node(operation, "", [], inputs);

    public string Node(string operation, string domain, AttributeProto[] attributes, params ReadOnlySpan<string> inputs)
    {
        var output = Fresh(operation);
        var node = new NodeProto { OpType = operation, Name = output, Domain = domain, Output = { output } };
        foreach (var input in inputs)
            node.Input.Add(input);
        node.Attribute.Add(attributes);
        _graph.Node.Add(node);
        if (domain.Length > 0)
            Import(domain, domain == MlDomain ? 3 : 1);
        return output;
    }

    /// <summary>Takes over the nodes of another model, whose names are apart from those made here; one input is fed, one output read under a fresh name.</summary>
    public string Splice(ModelProto other, string input, string source, string output)
    {
        var result = Fresh("splice");
        Append(other, name => name == input ? source : name == output ? result : name);
        return result;
    }

    /// <summary>Takes over the nodes of another model, whose names are apart from those made here but for what is renamed.</summary>
    public void Append(ModelProto other, Func<string, string> rename)
    {
        _graph.Initializer.Add(other.Graph.Initializer);
        _graph.SparseInitializer.Add(other.Graph.SparseInitializer);
        foreach (var node in other.Graph.Node.Select(node => node.Clone()))
        {
            for (var i = 0; i < node.Input.Count; i++)
                node.Input[i] = rename(node.Input[i]);
            for (var i = 0; i < node.Output.Count; i++)
                node.Output[i] = rename(node.Output[i]);
            _graph.Node.Add(node);
        }

        foreach (var opset in other.OpsetImport.Where(opset => opset.Domain is not ("" or "ai.onnx")))
            Import(opset.Domain, opset.Version);
    }

    public string Cast(string source, DataType type) => Node("Cast", "", [Attribute("to", (long)type)], source);

    /// <summary>The sum over one axis.</summary>
    public string Sum(string source, long axis, bool keep = false)
        => Node("ReduceSum", "", [Attribute("keepdims", keep ? 1 : 0)], source, Longs(axis));

    public string Unsqueeze(string source, long axis) => Node("Unsqueeze", source, Longs(axis));

    public string Concat(IReadOnlyCollection<string> columns)
        => columns.Count == 1 ? columns.First() : Node("Concat", "", [Attribute("axis", 1)], [.. columns]);

    /// <summary>Columns of a matrix by place.</summary>
    public string Columns(string matrix, IEnumerable<int> places)
        => Node("Gather", "", [Attribute("axis", 1)], matrix, Longs([.. places.Select(place => (long)place)]));

    /// <summary>True where a number is neither NaN nor infinite.</summary>
    public string IsFinite(string source, DataType type)
        => Node("Equal", Node("Sub", source, source), type == DataType.Double ? Double(0) : Float(0));

    public string Double(double value) => Constant(DataType.Double, [], tensor => tensor.DoubleData.Add(value));

    public string Float(float value) => Constant(DataType.Float, [], tensor => tensor.FloatData.Add(value));

    public string Text(string value) => Constant(DataType.String, [], tensor => tensor.StringData.Add(ByteString.CopyFromUtf8(value)));

    /// <summary>[1, n].</summary>
    public string DoubleRow(IReadOnlyCollection<double> values) => Constant(DataType.Double, [1, values.Count], tensor => tensor.DoubleData.Add(values));

    /// <summary>Row-major, of any shape.</summary>
    public string Doubles(IEnumerable<double> values, params long[] shape) => Constant(DataType.Double, shape, tensor => tensor.DoubleData.Add(values));

    /// <summary>[n].</summary>
    public string Ints(IEnumerable<int> values, int count) => Constant(DataType.Int32, [count], tensor => tensor.Int32Data.Add(values));

    /// <summary>[n, 1].</summary>
    public string DoubleColumn(IReadOnlyCollection<double> values) => Constant(DataType.Double, [values.Count, 1], tensor => tensor.DoubleData.Add(values));

    /// <summary>[1, n].</summary>
    public string FloatRow(IReadOnlyCollection<float> values) => Constant(DataType.Float, [1, values.Count], tensor => tensor.FloatData.Add(values));

    /// <summary>[1, n].</summary>
    public string BoolRow(IReadOnlyCollection<bool> values) => Constant(DataType.Bool, [1, values.Count], tensor => tensor.Int32Data.Add(values.Select(value => value ? 1 : 0)));

    /// <summary>[1, n].</summary>
    public string TextRow(IReadOnlyCollection<string> values) => Constant(DataType.String, [1, values.Count], tensor => tensor.StringData.Add(values.Select(ByteString.CopyFromUtf8)));

    /// <summary>[n].</summary>
    public string Texts(IReadOnlyCollection<string> values) => Constant(DataType.String, [values.Count], tensor => tensor.StringData.Add(values.Select(ByteString.CopyFromUtf8)));

    /// <summary>[n].</summary>
    public string Floats(IReadOnlyCollection<float> values) => Constant(DataType.Float, [values.Count], tensor => tensor.FloatData.Add(values));

    /// <summary>[n].</summary>
    public string Longs(params IReadOnlyCollection<long> values) => Constant(DataType.Int64, [values.Count], tensor => tensor.Int64Data.Add(values));

    public string Long(long value) => Constant(DataType.Int64, [], tensor => tensor.Int64Data.Add(value));

    /// <summary>The model with this graph, as bytes.</summary>
    public byte[] ToModel(long irVersion, long opset, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        var model = new ModelProto
        {
            IrVersion = irVersion,
            ProducerName = "OrleansMl",
            ProducerVersion = typeof(GraphWriter).Assembly.GetName().Version?.ToString(3) ?? "0",
            Graph = _graph,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = opset } },
        };
        foreach (var (domain, version) in _domains)
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = version });
        model.MetadataProps.Add(metadata.Select(pair => new StringStringEntryProto { Key = pair.Key, Value = pair.Value }));
        return model.ToByteArray();
    }

    public static AttributeProto Attribute(string name, long value) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    public static AttributeProto Attribute(string name, float value) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = value };

    public static AttributeProto Attribute(string name, string value)
        => new() { Name = name, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(value) };

    public static AttributeProto Attribute(string name, IEnumerable<long> values)
        => new() { Name = name, Type = AttributeProto.Types.AttributeType.Ints, Ints = { values } };

    public static AttributeProto Attribute(string name, IEnumerable<string> values)
        => new() { Name = name, Type = AttributeProto.Types.AttributeType.Strings, Strings = { values.Select(ByteString.CopyFromUtf8) } };

    public static AttributeProto Attribute(string name, IEnumerable<float> values)
        => new() { Name = name, Type = AttributeProto.Types.AttributeType.Floats, Floats = { values } };

    public static AttributeProto Attribute(string name, TensorProto value) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Tensor, T = value };

    /// <summary>[n], for an attribute.</summary>
    public static TensorProto DoubleTensor(IEnumerable<double> values, int count) => new() { DataType = (int)DataType.Double, Dims = { count }, DoubleData = { values } };

    private string Constant(DataType type, long[] shape, Action<TensorProto> fill)
    {
        var tensor = new TensorProto { Name = Fresh("constant"), DataType = (int)type, Dims = { shape } };
        fill(tensor);
        _graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    private void Import(string domain, long version) => _domains[domain] = Math.Max(version, _domains.GetValueOrDefault(domain));

    private string Fresh(string stem) => $"oml/{_names++}/{stem}";

    private static ValueInfoProto Value(string name, DataType type, int? width)
    {
        var shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = BatchDimension } } };
        if (width is { } columns)
            shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = columns });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } } };
    }
}
