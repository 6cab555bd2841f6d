namespace OrleansMl.Inference;

/// <summary>Sizes and protocol names of element types.</summary>
public static class TensorTypeExtensions
{
    /// <summary>Bytes of one element; 0 for <see cref="TensorType.Bytes"/>.</summary>
    public static int Size(this TensorType type) => type switch
    {
        TensorType.Bool or TensorType.UInt8 or TensorType.Int8 => 1,
        TensorType.UInt16 or TensorType.Int16 or TensorType.Fp16 or TensorType.Bf16 => 2,
        TensorType.UInt32 or TensorType.Int32 or TensorType.Fp32 => 4,
        TensorType.UInt64 or TensorType.Int64 or TensorType.Fp64 => 8,
        _ => 0,
    };

    /// <summary>BOOL, UINT8, … FP32, BYTES.</summary>
    public static string ToProtocolName(this TensorType type) => type switch
    {
        TensorType.Bool => "BOOL",
        TensorType.UInt8 => "UINT8",
        TensorType.UInt16 => "UINT16",
        TensorType.UInt32 => "UINT32",
        TensorType.UInt64 => "UINT64",
        TensorType.Int8 => "INT8",
        TensorType.Int16 => "INT16",
        TensorType.Int32 => "INT32",
        TensorType.Int64 => "INT64",
        TensorType.Fp16 => "FP16",
        TensorType.Bf16 => "BF16",
        TensorType.Fp32 => "FP32",
        TensorType.Fp64 => "FP64",
        TensorType.Bytes => "BYTES",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    /// <summary>The type with this protocol name; null when there is none.</summary>
    public static TensorType? FromProtocolName(string? name) => name switch
    {
        "BOOL" => TensorType.Bool,
        "UINT8" => TensorType.UInt8,
        "UINT16" => TensorType.UInt16,
        "UINT32" => TensorType.UInt32,
        "UINT64" => TensorType.UInt64,
        "INT8" => TensorType.Int8,
        "INT16" => TensorType.Int16,
        "INT32" => TensorType.Int32,
        "INT64" => TensorType.Int64,
        "FP16" => TensorType.Fp16,
        "BF16" => TensorType.Bf16,
        "FP32" => TensorType.Fp32,
        "FP64" => TensorType.Fp64,
        "BYTES" => TensorType.Bytes,
        _ => null,
    };
}
