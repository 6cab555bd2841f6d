namespace OrleansMl.Inference;

/// <summary>Element types of the Open Inference Protocol.</summary>
public enum TensorType : byte
{
    Bool = 1,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Int8,
    Int16,
    Int32,
    Int64,
    Fp16,
    Bf16,
    Fp32,
    Fp64,

    /// <summary>Byte strings of any length: ONNX strings, UTF-8.</summary>
    Bytes,
}
