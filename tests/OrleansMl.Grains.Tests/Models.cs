using Google.Protobuf;
using OrleansMl.Inference.Onnx;

namespace OrleansMl.Grains.Tests;

/// <summary>Small ONNX files.</summary>
internal static class Models
{
    /// <summary>The bytes of <see cref="Graph"/>.</summary>
    public static byte[] Add(float add, string input = "x", string name = "add") => Graph(add, input, name).ToByteArray();

    /// <summary>[N, 1] that fails on every request but zeros: a place in a table that has one.</summary>
    public static byte[] Failing(string input)
    {
        var model = Graph(0, input);
        var graph = model.Graph;
        graph.Node.Clear();
        graph.Node.Add(new NodeProto { OpType = "Ceil", Input = { input }, Output = { "up" } });
        graph.Node.Add(new NodeProto { OpType = "Cast", Input = { "up" }, Output = { "place" }, Attribute = { new AttributeProto { Name = "to", Type = AttributeProto.Types.AttributeType.Int, I = (long)TensorProto.Types.DataType.Int64 } } });
        graph.Node.Add(new NodeProto { OpType = "Gather", Input = { "c", "place" }, Output = { "y" } });
        return model.ToByteArray();
    }

    /// <summary>y = x · w, [N, width]: width² weights of 4 bytes.</summary>
    public static byte[] Dense(int width)
    {
        var model = Graph(0);
        var graph = model.Graph;
        graph.Initializer.Clear();
        graph.Initializer.Add(new TensorProto { Name = "c", DataType = (int)TensorProto.Types.DataType.Float, Dims = { width, width }, RawData = ByteString.CopyFrom(new byte[4 * width * width]) });
        graph.Node[0].OpType = "MatMul";
        graph.Input[0].Type.TensorType.Shape.Dim[1].DimValue = width;
        graph.Output[0].Type.TensorType.Shape.Dim[1].DimValue = width;
        return model.ToByteArray();
    }

    /// <summary>y = x + add, [N, 1].</summary>
    public static ModelProto Graph(float add, string input = "x", string name = "add")
    {
        var graph = new GraphProto { Name = name };
        graph.Initializer.Add(new TensorProto { Name = "c", DataType = (int)TensorProto.Types.DataType.Float, Dims = { 1 }, RawData = ByteString.CopyFrom(BitConverter.GetBytes(add)) });
        graph.Node.Add(new NodeProto { OpType = "Add", Input = { input, "c" }, Output = { "y" } });
        graph.Input.Add(Value(input));
        graph.Output.Add(Value("y"));
        return new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 17 } } };

        static ValueInfoProto Value(string name) => new()
        {
            Name = name,
            Type = new TypeProto
            {
                TensorType = new TypeProto.Types.Tensor
                {
                    ElemType = (int)TensorProto.Types.DataType.Float,
                    Shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "N" }, new TensorShapeProto.Types.Dimension { DimValue = 1 } } },
                },
            },
        };
    }
}
