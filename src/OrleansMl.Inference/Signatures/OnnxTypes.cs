using OrleansMl.Inference.Onnx;

namespace OrleansMl.Inference;

/// <summary>Element types of ONNX and of the Open Inference Protocol, one to one where both have them.</summary>
public static class OnnxTypes
{
    /// <summary>The protocol's type for an ONNX element type; null where the protocol has none (complex numbers, floats of 4 and 8 bits, integers of 2 and 4).</summary>
    public static TensorType? ToTensorType(int elementType) => (TensorProto.Types.DataType)elementType switch
    {
        TensorProto.Types.DataType.Float => TensorType.Fp32,
        TensorProto.Types.DataType.Uint8 => TensorType.UInt8,
        TensorProto.Types.DataType.Int8 => TensorType.Int8,
        TensorProto.Types.DataType.Uint16 => TensorType.UInt16,
        TensorProto.Types.DataType.Int16 => TensorType.Int16,
        TensorProto.Types.DataType.Int32 => TensorType.Int32,
        TensorProto.Types.DataType.Int64 => TensorType.Int64,
        TensorProto.Types.DataType.String => TensorType.Bytes,
        TensorProto.Types.DataType.Bool => TensorType.Bool,
        TensorProto.Types.DataType.Float16 => TensorType.Fp16,
        TensorProto.Types.DataType.Double => TensorType.Fp64,
        TensorProto.Types.DataType.Uint32 => TensorType.UInt32,
        TensorProto.Types.DataType.Uint64 => TensorType.UInt64,
        TensorProto.Types.DataType.Bfloat16 => TensorType.Bf16,
        _ => null,
    };

    /// <summary>The ONNX element type of a protocol type.</summary>
    public static TensorProto.Types.DataType ToOnnx(TensorType type) => type switch
    {
        TensorType.Fp32 => TensorProto.Types.DataType.Float,
        TensorType.UInt8 => TensorProto.Types.DataType.Uint8,
        TensorType.Int8 => TensorProto.Types.DataType.Int8,
        TensorType.UInt16 => TensorProto.Types.DataType.Uint16,
        TensorType.Int16 => TensorProto.Types.DataType.Int16,
        TensorType.Int32 => TensorProto.Types.DataType.Int32,
        TensorType.Int64 => TensorProto.Types.DataType.Int64,
        TensorType.Bytes => TensorProto.Types.DataType.String,
        TensorType.Bool => TensorProto.Types.DataType.Bool,
        TensorType.Fp16 => TensorProto.Types.DataType.Float16,
        TensorType.Fp64 => TensorProto.Types.DataType.Double,
        TensorType.UInt32 => TensorProto.Types.DataType.Uint32,
        TensorType.UInt64 => TensorProto.Types.DataType.Uint64,
        TensorType.Bf16 => TensorProto.Types.DataType.Bfloat16,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    /// <summary>A type in words, with ONNX's own names: <c>a tensor of COMPLEX64</c>, <c>a sequence of maps of INT64 to tensors of FLOAT</c>.</summary>
    internal static string Describe(TypeProto? type, bool plural = false)
    {
        var (one, many, rest) = type?.ValueCase switch
        {
            TypeProto.ValueOneofCase.TensorType => ("a tensor", "tensors", $" of {NameOf(type.TensorType.ElemType)}"),
            TypeProto.ValueOneofCase.SparseTensorType => ("a sparse tensor", "sparse tensors", $" of {NameOf(type.SparseTensorType.ElemType)}"),
            TypeProto.ValueOneofCase.SequenceType => ("a sequence", "sequences", $" of {Describe(type.SequenceType.ElemType, plural: true)}"),
            TypeProto.ValueOneofCase.MapType => ("a map", "maps", $" of {NameOf(type.MapType.KeyType)} to {Describe(type.MapType.ValueType, plural: true)}"),
            TypeProto.ValueOneofCase.OptionalType => ("an optional value", "optional values", $" ({Describe(type.OptionalType.ElemType)})"),
            _ => ("of no type that this reads", "values of no type that this reads", ""),
        };
        return (plural ? many : one) + rest;
    }

    private static string NameOf(int elementType) =>
        TensorProto.Descriptor.EnumTypes.Single(e => e.Name == nameof(TensorProto.Types.DataType)).FindValueByNumber(elementType)?.Name ?? $"element type {elementType}";
}
