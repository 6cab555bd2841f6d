using System.Runtime.InteropServices;

namespace OrleansMl.Inference;

/// <summary>Numbers to bytes of a tensor's type, and back.</summary>
internal static class TensorNumbers
{
    /// <summary>Rounded, and limited to what the type holds.</summary>
    /// <exception cref="NotSupportedException">The type holds no numbers.</exception>
    public static byte[] ToBytes(TensorType type, ReadOnlySpan<float> values) => type switch
    {
        TensorType.Fp32 => MemoryMarshal.AsBytes(values).ToArray(),
        TensorType.Fp16 => Convert<Half>(values),
        TensorType.Fp64 => Convert<double>(values),
        TensorType.UInt8 => Convert<byte>(values),
        TensorType.Int8 => Convert<sbyte>(values),
        TensorType.UInt16 => Convert<ushort>(values),
        TensorType.Int16 => Convert<short>(values),
        TensorType.UInt32 => Convert<uint>(values),
        TensorType.Int32 => Convert<int>(values),
        TensorType.UInt64 => Convert<ulong>(values),
        TensorType.Int64 => Convert<long>(values),
        _ => throw new NotSupportedException($"{type} holds no numbers."),
    };

    /// <summary>Floating-point elements.</summary>
    /// <exception cref="NotSupportedException">Of another type.</exception>
    public static double[] ToDoubles(Tensor tensor) => tensor.Type switch
    {
        TensorType.Fp32 => [.. MemoryMarshal.Cast<byte, float>(tensor.Data.Span).ToArray().Select(value => (double)value)],
        TensorType.Fp16 => [.. MemoryMarshal.Cast<byte, Half>(tensor.Data.Span).ToArray().Select(value => (double)value)],
        TensorType.Fp64 => MemoryMarshal.Cast<byte, double>(tensor.Data.Span).ToArray(),
        _ => throw new NotSupportedException($"{tensor.Type} holds no floating-point numbers."),
    };

    private static byte[] Convert<T>(ReadOnlySpan<float> values)
        where T : unmanaged, System.Numerics.INumberBase<T>
    {
        var converted = new T[values.Length];
        for (var i = 0; i < converted.Length; i++)
            converted[i] = T.CreateSaturating(values[i]);
        return MemoryMarshal.AsBytes(converted.AsSpan()).ToArray();
    }
}
