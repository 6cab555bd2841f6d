using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace OrleansMl.Inference;

/// <summary>Reads the one value of a tensor that decides a switch.</summary>
public static class TensorChoice
{
    // Of a value in a message.
    private const int MaxQuoted = 64;

    /// <summary>The model that a switch runs for a tensor.</summary>
    /// <exception cref="InferenceInputException">It has no element, or several that differ, or one that has no case.</exception>
    public static ModelCall Of(SwitchStep step, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(tensor);
        if (!Takes(tensor.Type))
            throw new InferenceInputException($"Tensor '{step.Input}' is {tensor.Type.ToProtocolName()}; a switch decides by BYTES, BOOL or whole numbers.");
        var count = tensor.Type == TensorType.Bytes ? tensor.Elements.Length : tensor.Data.Length / tensor.Type.Size();
        if (count == 0)
            throw new InferenceInputException($"Tensor '{step.Input}' has no element; a switch needs one to decide by.");
        for (var i = 1; i < count; i++)
        {
            if (!Bytes(tensor, i).SequenceEqual(Bytes(tensor, 0)))
                throw new InferenceInputException($"Tensor '{step.Input}' says both '{Quote(Value(tensor, 0))}' and '{Quote(Value(tensor, i))}'; a request goes one way, so send rows of one value.");
        }

        var value = Value(tensor, 0);
        return step.For(value) ?? throw new InferenceInputException($"Tensor '{step.Input}' is '{Quote(value)}', which has no case (there are {string.Join(", ", step.Values.Select(v => $"'{v}'"))}) and there is no default; send one of these.");
    }

    internal static bool Takes(TensorType type) => type is not (TensorType.Fp16 or TensorType.Bf16 or TensorType.Fp32 or TensorType.Fp64);

    /// <summary>A tensor of this type can hold it, and it is written as <see cref="Of"/> compares.</summary>
    internal static bool IsValue(TensorType type, string value) => type switch
    {
        TensorType.Bytes => true,
        TensorType.Bool => value is "true" or "false",
        TensorType.UInt8 => Is<byte>(value),
        TensorType.UInt16 => Is<ushort>(value),
        TensorType.UInt32 => Is<uint>(value),
        TensorType.UInt64 => Is<ulong>(value),
        TensorType.Int8 => Is<sbyte>(value),
        TensorType.Int16 => Is<short>(value),
        TensorType.Int32 => Is<int>(value),
        TensorType.Int64 => Is<long>(value),
        _ => false,
    };

    private static bool Is<T>(string value)
        where T : INumberBase<T> => T.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number.ToString(null, CultureInfo.InvariantCulture) == value;

    private static ReadOnlySpan<byte> Bytes(Tensor tensor, int element) =>
        tensor.Type == TensorType.Bytes ? tensor.Elements.Span[element].Span : tensor.Data.Span.Slice(element * tensor.Type.Size(), tensor.Type.Size());

    private static string Value(Tensor tensor, int element)
    {
        var bytes = Bytes(tensor, element);
        return tensor.Type switch
        {
            TensorType.Bytes => Encoding.UTF8.GetString(bytes),
            TensorType.Bool => bytes[0] == 0 ? "false" : "true",
            TensorType.UInt8 => Text(bytes[0]),
            TensorType.Int8 => Text((sbyte)bytes[0]),
            TensorType.UInt16 => Text(BinaryPrimitives.ReadUInt16LittleEndian(bytes)),
            TensorType.Int16 => Text(BinaryPrimitives.ReadInt16LittleEndian(bytes)),
            TensorType.UInt32 => Text(BinaryPrimitives.ReadUInt32LittleEndian(bytes)),
            TensorType.Int32 => Text(BinaryPrimitives.ReadInt32LittleEndian(bytes)),
            TensorType.UInt64 => Text(BinaryPrimitives.ReadUInt64LittleEndian(bytes)),
            _ => Text(BinaryPrimitives.ReadInt64LittleEndian(bytes)),
        };
    }

    private static string Text<T>(T number)
        where T : IFormattable => number.ToString(null, CultureInfo.InvariantCulture);

    private static string Quote(string value) => value.Length > MaxQuoted ? value[..MaxQuoted] + "…" : value;
}
