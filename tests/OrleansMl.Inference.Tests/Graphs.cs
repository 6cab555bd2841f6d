using Google.Protobuf;
using OrleansMl.Inference.Onnx;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference.Tests;

/// <summary>Small ONNX graphs, written for a test.</summary>
internal static class Graphs
{
    public static byte[] Bytes(this ModelProto model) => model.ToByteArray();

    public static ModelProto Model(params NodeProto[] nodes)
    {
        var model = new ModelProto
        {
            IrVersion = 8,
            ProducerName = "tests",
            ProducerVersion = "1",
            Graph = new GraphProto { Name = "graph" },
            OpsetImport = { new OperatorSetIdProto { Version = 15 }, new OperatorSetIdProto { Domain = "ai.onnx.ml", Version = 3 } },
        };
        model.Graph.Node.Add(nodes);
        return model;
    }

    public static NodeProto Node(string op, string[] inputs, string[] outputs, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = op, Name = $"{op} {outputs[0]}" };
        node.Input.Add(inputs);
        node.Output.Add(outputs);
        node.Attribute.Add(attributes);
        return node;
    }

    public static ModelProto In(this ModelProto model, string name, DataType type, params object[] shape)
    {
        model.Graph.Input.Add(Value(name, type, shape));
        return model;
    }

    public static ModelProto Out(this ModelProto model, string name, DataType type, params object[] shape)
    {
        model.Graph.Output.Add(Value(name, type, shape));
        return model;
    }

    public static ModelProto Floats(this ModelProto model, string name, long[] dims, params float[] values)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)DataType.Float };
        tensor.Dims.Add(dims);
        tensor.FloatData.Add(values);
        model.Graph.Initializer.Add(tensor);
        return model;
    }

    /// <summary>out = in.</summary>
    public static byte[] Identity(DataType type, params object[] shape) =>
        Model(Node("Identity", ["in"], ["out"])).In("in", type, shape).Out("out", type, shape).Bytes();

    /// <summary>
    /// A learned model's core graph: probabilities of softmax([0, w·features + Σ table[indices]·values]).
    /// </summary>
    public static byte[] HashedClassifier(float[] weights, float[] table)
    {
        var axes = new TensorProto { Name = "axes", DataType = (int)DataType.Int64 };
        axes.Dims.Add(1);
        axes.Int64Data.Add(1);
        var model = Model(
                Node("MatMul", ["features", "w"], ["dense"]),
                Node("Gather", ["table", "hashed_indices"], ["picked"]),
                Node("Mul", ["picked", "hashed_values"], ["weighted"]),
                Node("ReduceSum", ["weighted", "axes"], ["sparse"]),
                Node("Add", ["dense", "sparse"], ["score"]),
                Node("Mul", ["score", "zero"], ["none"]),
                Node("Concat", ["none", "score"], ["scores"], new AttributeProto { Name = "axis", I = 1, Type = AttributeProto.Types.AttributeType.Int }),
                Node("Softmax", ["scores"], ["probabilities"]),
                Node("ArgMax", ["probabilities"], ["label"], new AttributeProto { Name = "axis", I = 1, Type = AttributeProto.Types.AttributeType.Int }, new AttributeProto { Name = "keepdims", I = 0, Type = AttributeProto.Types.AttributeType.Int }))
            .In("features", DataType.Float, "n", weights.Length)
            .In("hashed_indices", DataType.Int64, "n", "k")
            .In("hashed_values", DataType.Float, "n", "k")
            .Out("label", DataType.Int64, "n")
            .Out("probabilities", DataType.Float, "n", 2)
            .Floats("w", [weights.Length, 1], weights)
            .Floats("table", [table.Length], table)
            .Floats("zero", [1], 0);
        model.Graph.Initializer.Add(axes);
        return model.Bytes();
    }

    /// <summary>A core graph of a number: variable = w·features.</summary>
    public static byte[] Regressor(params float[] weights) =>
        Model(Node("MatMul", ["features", "w"], ["variable"]))
            .In("features", DataType.Float, "n", weights.Length)
            .Out("variable", DataType.Float, "n", 1)
            .Floats("w", [weights.Length, 1], weights)
            .Bytes();

    /// <param name="name">Of the input or output.</param>
    /// <param name="type">Element type.</param>
    /// <param name="shape">Numbers for fixed dimensions, texts for free ones.</param>
    public static ValueInfoProto Value(string name, DataType type, params object[] shape)
    {
        var dims = new TensorShapeProto();
        foreach (var dimension in shape)
        {
            dims.Dim.Add(dimension is string symbol
                ? new TensorShapeProto.Types.Dimension { DimParam = symbol }
                : new TensorShapeProto.Types.Dimension { DimValue = Convert.ToInt64(dimension) });
        }

        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = dims } } };
    }
}
