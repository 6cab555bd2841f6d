using System.Runtime.InteropServices;
using Google.Protobuf;
using OrleansMl.Inference.Onnx;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Benchmarks;

/// <summary>
/// Networks that keep a GPU busy, of random weights: what they answer means nothing, the work is that of a trained one. Rows are
/// free, everything else is fixed.
/// </summary>
internal sealed class BenchNetworks
{
    /// <summary>What <see cref="Create"/> knows, for errors.</summary>
    public const string Names = "small, mlp, resnet or resnet-fp16";

    private readonly Random _random = new(1);
    private readonly GraphProto _graph = new() { Name = "bench" };
    private readonly DataType _type;

    private BenchNetworks(DataType type) => _type = type;

    /// <summary>The file of a network; null: there is none of this name.</summary>
    public static byte[]? Create(string name) => name switch
    {
        "small" => BenchModel.Create(),
        "mlp" => new BenchNetworks(DataType.Float).Perceptron(width: 4096, layers: 4),
        "resnet" => new BenchNetworks(DataType.Float).Residual(),
        "resnet-fp16" => new BenchNetworks(DataType.Float16).Residual(),
        _ => null,
    };

    private byte[] Perceptron(int width, int layers)
    {
        var x = "x";
        for (var layer = 1; layer <= layers; layer++)
        {
            x = Add("Gemm", [x, Weights(2.0 / width, width, width), Weights(1e-4, width)]);
            if (layer < layers)
                x = Add("Relu", [x]);
        }

        return File([width], [width]);
    }

    /// <summary>ResNet-50, its normalizations folded into the convolutions as exporters do. Source: He et al., 2015, table 1.</summary>
    private byte[] Residual()
    {
        var x = Add("Relu", [Convolution("x", 3, 64, size: 7, stride: 2)]);
        x = Add("MaxPool", [x], Ints("kernel_shape", 3, 3), Ints("strides", 2, 2), Ints("pads", 1, 1, 1, 1));
        var channels = 64;
        foreach (var (blocks, middle) in ((int, int)[])[(3, 64), (4, 128), (6, 256), (3, 512)])
        {
            for (var block = 0; block < blocks; block++)
            {
                var stride = block == 0 && middle > 64 ? 2 : 1;
                var y = Add("Relu", [Convolution(x, channels, middle, size: 1)]);
                y = Add("Relu", [Convolution(y, middle, middle, size: 3, stride)]);
                // Small, so that sums over the blocks stay within FP16.
                y = Convolution(y, middle, 4 * middle, size: 1, gain: 0.1);
                var shortcut = block == 0 ? Convolution(x, channels, 4 * middle, size: 1, stride, gain: 0.5) : x;
                channels = 4 * middle;
                x = Add("Relu", [Add("Add", [shortcut, y])]);
            }
        }

        x = Add("Flatten", [Add("GlobalAveragePool", [x])]);
        Add("Gemm", [x, Weights(1.0 / channels, channels, 1000), Weights(1e-4, 1000)]);
        return File([3, 224, 224], [1000]);
    }

    private string Convolution(string x, int from, int to, int size, int stride = 1, double gain = 1) => Add(
        "Conv",
        [x, Weights(gain * 2 / (from * size * size), to, from, size, size), Weights(1e-4, to)],
        Ints("kernel_shape", size, size),
        Ints("strides", stride, stride),
        Ints("pads", size / 2, size / 2, size / 2, size / 2));

    private string Add(string kind, string[] inputs, params AttributeProto[] attributes)
    {
        var output = $"t{_graph.Node.Count}";
        _graph.Node.Add(new NodeProto { OpType = kind, Input = { inputs }, Output = { output }, Attribute = { attributes } });
        return output;
    }

    /// <summary>Even between −√(3·variance) and √(3·variance).</summary>
    private string Weights(double variance, params int[] shape)
    {
        var bound = Math.Sqrt(3 * variance);
        var values = new float[shape.Aggregate(1, (a, b) => a * b)];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)(bound * ((2 * _random.NextDouble()) - 1));
        var raw = _type == DataType.Float16 ? MemoryMarshal.AsBytes<Half>(Array.ConvertAll(values, v => (Half)v)) : MemoryMarshal.AsBytes<float>(values);
        var tensor = new TensorProto { Name = $"w{_graph.Initializer.Count}", DataType = (int)_type, RawData = ByteString.CopyFrom(raw) };
        tensor.Dims.AddRange(shape.Select(d => (long)d));
        _graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    private byte[] File(int[] input, int[] output)
    {
        _graph.Node[^1].Output[0] = "y";
        _graph.Input.Add(Value("x", input));
        _graph.Output.Add(Value("y", output));
        return new ModelProto { IrVersion = 8, Graph = _graph, OpsetImport = { new OperatorSetIdProto { Version = 17 } } }.ToByteArray();
    }

    private ValueInfoProto Value(string name, int[] shape)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)_type, Shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "N" } } } };
        tensor.Shape.Dim.AddRange(shape.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }

    private static AttributeProto Ints(string name, params long[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.AddRange(values);
        return attribute;
    }
}
