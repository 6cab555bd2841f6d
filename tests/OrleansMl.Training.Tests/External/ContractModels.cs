using Google.Protobuf;
using OrleansMl.Inference.Onnx;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Training.Tests.External;

/// <summary>Small models that answer the same for every row, with one thing wrong at a time.</summary>
internal sealed record ContractModels
{
    public string Input { get; init; } = "input";

    public int Features { get; init; } = 3;

    /// <summary>Rows of the input: a free dimension, unless given.</summary>
    public long? Rows { get; init; }

    /// <summary>What every row is answered.</summary>
    public float[] Answer { get; init; } = [0.25f, 0.75f];

    public string Output { get; init; } = "probabilities";

    /// <summary>Added to the number of the most probable class; null: there is no label.</summary>
    public long? LabelShift { get; init; } = 0;

    /// <summary>An operator that no runtime has.</summary>
    public bool Unknown { get; init; }

    public byte[] ToBytes()
    {
        var n = Answer.Length;
        var graph = new GraphProto { Name = "contract" };
        graph.Input.Add(Info(Input, DataType.Float, Rows, Features));
        graph.Initializer.Add(Floats("weights", [Features, n], new float[Features * n]));
        graph.Initializer.Add(Floats("bias", [n], Answer));
        graph.Initializer.Add(Floats("zero", [1], [0]));
        graph.Node.Add(Node("IsNaN", "missing", Input));
        graph.Node.Add(Node("Where", "filled", "missing", "zero", Input));
        graph.Node.Add(Node(Unknown ? "NoSuchOperator" : "MatMul", "product", "filled", "weights"));
        graph.Node.Add(Node("Add", Output, "product", "bias"));
        graph.Output.Add(Info(Output, DataType.Float, Rows, n));
        if (LabelShift is { } shift)
        {
            var most = Node("ArgMax", "most", Output);
            most.Attribute.Add(new AttributeProto { Name = "axis", Type = AttributeProto.Types.AttributeType.Int, I = 1 });
            most.Attribute.Add(new AttributeProto { Name = "keepdims", Type = AttributeProto.Types.AttributeType.Int, I = 0 });
            graph.Node.Add(most);
            graph.Initializer.Add(new TensorProto { Name = "shift", DataType = (int)DataType.Int64, Dims = { 1 }, Int64Data = { shift } });
            graph.Node.Add(Node("Add", "label", "most", "shift"));
            graph.Output.Insert(0, Info("label", DataType.Int64, Rows));
        }

        return new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 } } }.ToByteArray();
    }

    private static NodeProto Node(string operation, string output, params string[] inputs) => new() { OpType = operation, Name = output, Input = { inputs }, Output = { output } };

    private static TensorProto Floats(string name, long[] shape, float[] values) => new() { Name = name, DataType = (int)DataType.Float, Dims = { shape }, FloatData = { values } };

    private static ValueInfoProto Info(string name, DataType type, long? rows, params long[] columns)
    {
        var shape = new TensorShapeProto { Dim = { rows is { } fixedRows ? new TensorShapeProto.Types.Dimension { DimValue = fixedRows } : new TensorShapeProto.Types.Dimension { DimParam = "N" } } };
        shape.Dim.Add(columns.Select(column => new TensorShapeProto.Types.Dimension { DimValue = column }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } } };
    }
}
