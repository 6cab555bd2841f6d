using System.Runtime.InteropServices;
using System.Text;
using Google.Protobuf;
using OrleansMl.Inference.Onnx;

namespace OrleansMl.Inference.Tests;

/// <summary>Tensors for tests, and the serialised tensors of published vectors.</summary>
internal static class Vectors
{
    public static Tensor Of<T>(string name, TensorType type, long[] shape, params T[] values)
        where T : unmanaged => new(name, type, shape, MemoryMarshal.AsBytes<T>(values).ToArray());

    public static Tensor Texts(string name, long[] shape, params string[] values) =>
        new(name, shape, values.Select(v => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(v)).ToArray());

    public static T[] Values<T>(this Tensor tensor)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(tensor.Data.Span).ToArray();

    public static string[] Texts(this Tensor tensor) => [.. tensor.Elements.ToArray().Select(e => Encoding.UTF8.GetString(e.Span))];

    /// <summary>Numbers of any numeric type, for comparing.</summary>
    public static double[] Numbers(this Tensor tensor) => tensor.Type switch
    {
        TensorType.Fp32 => [.. tensor.Values<float>().Select(v => (double)v)],
        TensorType.Fp64 => tensor.Values<double>(),
        TensorType.Fp16 => [.. tensor.Values<Half>().Select(v => (double)v)],
        TensorType.Bf16 => [.. tensor.Values<ushort>().Select(v => (double)BitConverter.UInt32BitsToSingle((uint)v << 16))],
        TensorType.Int64 => [.. tensor.Values<long>().Select(v => (double)v)],
        TensorType.Int32 => [.. tensor.Values<int>().Select(v => (double)v)],
        TensorType.Int16 => [.. tensor.Values<short>().Select(v => (double)v)],
        TensorType.Int8 => [.. tensor.Values<sbyte>().Select(v => (double)v)],
        TensorType.UInt64 => [.. tensor.Values<ulong>().Select(v => (double)v)],
        TensorType.UInt32 => [.. tensor.Values<uint>().Select(v => (double)v)],
        TensorType.UInt16 => [.. tensor.Values<ushort>().Select(v => (double)v)],
        TensorType.UInt8 or TensorType.Bool => [.. tensor.Data.ToArray().Select(v => (double)v)],
        _ => throw new InvalidOperationException($"{tensor.Type} holds no numbers."),
    };

    /// <summary>A serialised TensorProto under the name that the model's signature gives it.</summary>
    public static Tensor Parse(byte[] bytes, string name)
    {
        var proto = TensorProto.Parser.ParseFrom(bytes);
        var type = OnnxTypes.ToTensorType(proto.DataType) ?? throw new NotSupportedException($"Element type {proto.DataType}.");
        long[] shape = [.. proto.Dims];
        if (type == TensorType.Bytes)
            return new Tensor(name, shape, proto.StringData.Select(s => (ReadOnlyMemory<byte>)s.ToByteArray()).ToArray());
        return new Tensor(name, type, shape, proto.RawData.Length > 0 ? proto.RawData.ToByteArray() : TypedData(proto, type));
    }

    // The format's rule: types under 32 bits lie one by one in int32_data.
    private static byte[] TypedData(TensorProto proto, TensorType type) => type switch
    {
        TensorType.Fp32 => MemoryMarshal.AsBytes<float>(proto.FloatData.ToArray()).ToArray(),
        TensorType.Fp64 => MemoryMarshal.AsBytes<double>(proto.DoubleData.ToArray()).ToArray(),
        TensorType.Int64 => MemoryMarshal.AsBytes<long>(proto.Int64Data.ToArray()).ToArray(),
        TensorType.UInt64 => MemoryMarshal.AsBytes<ulong>(proto.Uint64Data.ToArray()).ToArray(),
        TensorType.UInt32 => MemoryMarshal.AsBytes<uint>(proto.Uint64Data.Select(v => (uint)v).ToArray()).ToArray(),
        TensorType.Int32 => MemoryMarshal.AsBytes<int>(proto.Int32Data.ToArray()).ToArray(),
        TensorType.Int16 or TensorType.UInt16 or TensorType.Fp16 or TensorType.Bf16 => MemoryMarshal.AsBytes<short>(proto.Int32Data.Select(v => unchecked((short)v)).ToArray()).ToArray(),
        _ => [.. proto.Int32Data.Select(v => unchecked((byte)v))],
    };
}
