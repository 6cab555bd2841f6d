using System.Runtime.InteropServices;
using Google.Protobuf;
using OrleansMl.Inference.Onnx;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference;

/// <summary>Numbers of a tensor in a file, whichever of the format's ways they are kept, and back in the same type.</summary>
internal static class TensorValues
{
    /// <summary>The elements; null where they are no floating-point numbers, or not as many as the shape says.</summary>
    public static double[]? Read(TensorProto tensor)
    {
        double[]? values = (DataType)tensor.DataType switch
        {
            DataType.Float => tensor.RawData.Length > 0 ? Widen<float>(tensor.RawData) : [.. tensor.FloatData.Select(value => (double)value)],
            DataType.Double => tensor.RawData.Length > 0 ? Widen<double>(tensor.RawData) : [.. tensor.DoubleData],
            DataType.Float16 => tensor.RawData.Length > 0 ? Widen<Half>(tensor.RawData) : [.. tensor.Int32Data.Select(bits => (double)BitConverter.UInt16BitsToHalf((ushort)bits))],
            _ => null,
        };
        return values is not null && values.Length == Count(tensor) ? values : null;
    }

    /// <summary>The whole numbers of a shape or of labels; null where they are no INT64.</summary>
    public static long[]? ReadLongs(TensorProto tensor) => (DataType)tensor.DataType != DataType.Int64 ? null
        : tensor.RawData.Length > 0 ? MemoryMarshal.Cast<byte, long>(tensor.RawData.Span).ToArray()
        : [.. tensor.Int64Data];

    /// <summary>Puts other numbers of another shape in, rounded to the tensor's type.</summary>
    public static void Write(TensorProto tensor, ReadOnlySpan<double> values, params ReadOnlySpan<long> shape)
    {
        var bytes = (DataType)tensor.DataType switch
        {
            DataType.Double => MemoryMarshal.AsBytes(values).ToArray(),
            DataType.Float16 => Narrow<Half>(values),
            _ => Narrow<float>(values),
        };
        Clear(tensor, shape);
        tensor.RawData = ByteString.CopyFrom(bytes);
    }

    public static void WriteLongs(TensorProto tensor, ReadOnlySpan<long> values)
    {
        Clear(tensor, tensor.Dims.Count == 0 ? [] : [values.Length]);
        tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values));
    }

    private static void Clear(TensorProto tensor, ReadOnlySpan<long> shape)
    {
        tensor.FloatData.Clear();
        tensor.DoubleData.Clear();
        tensor.Int32Data.Clear();
        tensor.Int64Data.Clear();
        tensor.Dims.Clear();
        foreach (var dimension in shape)
            tensor.Dims.Add(dimension);
    }

    private static long Count(TensorProto tensor) => tensor.Dims.Aggregate(1L, static (product, dimension) => product * dimension);

    private static double[] Widen<T>(ByteString bytes)
        where T : unmanaged, System.Numerics.INumberBase<T> => [.. MemoryMarshal.Cast<byte, T>(bytes.Span).ToArray().Select(double.CreateSaturating)];

    private static byte[] Narrow<T>(ReadOnlySpan<double> values)
        where T : unmanaged, System.Numerics.INumberBase<T>
    {
        var narrow = new T[values.Length];
        for (var i = 0; i < narrow.Length; i++)
            narrow[i] = T.CreateSaturating(values[i]);
        return MemoryMarshal.AsBytes(narrow.AsSpan()).ToArray();
    }
}
