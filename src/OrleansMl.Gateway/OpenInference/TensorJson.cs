using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Inference;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.OpenInference;

/// <summary>Tensors from and to the protocol's JSON: flat or nested data, row-major.</summary>
internal static class TensorJson
{
    private const int MaxRank = 32;

    /// <summary>Data that came before its shape and datatype.</summary>
    internal readonly ref struct Pending(StrictReader.Bookmark start)
    {
        public StrictReader.Bookmark Start { get; } = start;

        public bool IsGiven { get; } = true;
    }

    public static long[] ReadShape(ref StrictReader reader)
    {
        reader.ExpectArray("shape");
        Span<long> shape = stackalloc long[MaxRank];
        var rank = 0;
        while (reader.NextElement())
        {
            if (rank == MaxRank)
                throw reader.Fault("out_of_range", $"The shape has more than {MaxRank} dimensions.");
            shape[rank++] = reader.ReadInt64("A dimension", 0, int.MaxValue);
        }

        return shape[..rank].ToArray();
    }

    public static Pending Postpone(scoped ref StrictReader reader)
    {
        var start = reader.Mark();
        reader.Skip();
        return new Pending(start);
    }

    public static Tensor Resume(ref StrictReader reader, Pending pending, string name, TensorType type, long[] shape)
    {
        var here = reader.Mark();
        reader.Return(pending.Start);
        var tensor = Read(ref reader, name, type, shape);
        reader.Return(here);
        return tensor;
    }

    /// <summary>Reads the array that the reader stands on.</summary>
    public static Tensor Read(ref StrictReader reader, string name, TensorType type, long[] shape)
    {
        if (type is TensorType.Fp16 or TensorType.Bf16)
            throw reader.Fault("unsupported", $"receiving {type.ToProtocolName()} data via JSON is not supported. Please use the binary data format for input {name}");
        long count = 1;
        foreach (var dimension in shape)
        {
            count *= dimension;
            // an element takes two bytes of JSON at least (itself and a comma or bracket): never allocate for more
            if (count > reader.Length)
                throw WrongCount(ref reader, name, shape);
        }

        var elements = new Elements(type, (int)count);
        var expected = (int)count;
        ReadLevel(ref reader, name, shape, ref elements, expected);
        if (elements.Count != expected)
            throw WrongCount(ref reader, name, shape, elements.Count);
        return type == TensorType.Bytes ? new Tensor(name, shape, elements.Texts!) : new Tensor(name, type, shape, elements.Bytes!);
    }

    private static void ReadLevel(ref StrictReader reader, string name, long[] shape, ref Elements elements, int expected)
    {
        var depth = 1;
        Span<int> starts = stackalloc int[MaxRank + 1];
        var nested = (bool?)null;
        while (depth > 0)
        {
            reader.Advance();
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray:
                    depth++;
                    nested ??= true;
                    if (nested == false || depth > shape.Length)
                        throw reader.Fault("invalid", $"data of input '{name}' is nested deeper than its shape has dimensions ({shape.Length}); send it flat, or nested as the shape says.");
                    starts[depth] = elements.Count;
                    break;
                case JsonTokenType.EndArray:
                    depth--;
                    // an inner array holds one row of its dimension
                    if (depth > 0 && elements.Count - starts[depth + 1] != RowLength(shape, depth))
                        throw reader.Fault("invalid", $"data of input '{name}' is nested otherwise than its shape [{string.Join(',', shape)}] says.");
                    break;
                default:
                    nested ??= false;
                    if (nested == true && depth != shape.Length)
                        throw reader.Fault("invalid", $"data of input '{name}' is nested otherwise than its shape [{string.Join(',', shape)}] says.");
                    if (elements.Count == expected)
                        throw WrongCount(ref reader, name, shape);
                    elements.Add(ref reader);
                    break;
            }
        }
    }

    // Elements of an array at nesting depth d + 1, the outermost being 1: the product of the dimensions from d on.
    private static long RowLength(long[] shape, int depth)
    {
        long length = 1;
        for (var i = depth; i < shape.Length; i++)
            length *= shape[i];
        return length;
    }

    /// <summary>Writes one output as {name, shape, datatype, data}; of a binary one the number of its bytes instead of data.</summary>
    public static void Write(Utf8JsonWriter writer, Tensor tensor, bool isBinary = false)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, tensor.Name);
        writer.WriteStartArray("shape"u8);
        foreach (var dimension in tensor.Shape.Span)
            writer.WriteNumberValue(dimension);
        writer.WriteEndArray();
        writer.WriteString("datatype"u8, tensor.Type.ToProtocolName());
        if (isBinary)
        {
            writer.WriteStartObject("parameters"u8);
            writer.WriteNumber("binary_data_size"u8, BinaryTensors.SizeOf(tensor));
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteStartArray("data"u8);
            WriteData(writer, tensor);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void WriteData(Utf8JsonWriter writer, Tensor tensor)
    {
        var data = tensor.Data.Span;
        switch (tensor.Type)
        {
            case TensorType.Bool:
                foreach (var value in data)
                    writer.WriteBooleanValue(value != 0);
                break;
            case TensorType.UInt8:
                foreach (var value in data)
                    writer.WriteNumberValue((uint)value);
                break;
            case TensorType.Int8:
                foreach (var value in data)
                    writer.WriteNumberValue((sbyte)value);
                break;
            case TensorType.UInt16:
                foreach (var value in MemoryMarshal.Cast<byte, ushort>(data))
                    writer.WriteNumberValue((uint)value);
                break;
            case TensorType.Int16:
                foreach (var value in MemoryMarshal.Cast<byte, short>(data))
                    writer.WriteNumberValue(value);
                break;
            case TensorType.UInt32:
                foreach (var value in MemoryMarshal.Cast<byte, uint>(data))
                    writer.WriteNumberValue(value);
                break;
            case TensorType.Int32:
                foreach (var value in MemoryMarshal.Cast<byte, int>(data))
                    writer.WriteNumberValue(value);
                break;
            case TensorType.UInt64:
                foreach (var value in MemoryMarshal.Cast<byte, ulong>(data))
                    writer.WriteNumberValue(value);
                break;
            case TensorType.Int64:
                foreach (var value in MemoryMarshal.Cast<byte, long>(data))
                    writer.WriteNumberValue(value);
                break;
            case TensorType.Fp32:
                foreach (var value in MemoryMarshal.Cast<byte, float>(data))
                    writer.WriteNumberValue(float.IsFinite(value) ? value : throw NotFinite(tensor, value));
                break;
            case TensorType.Fp64:
                foreach (var value in MemoryMarshal.Cast<byte, double>(data))
                    writer.WriteNumberValue(double.IsFinite(value) ? value : throw NotFinite(tensor, value));
                break;
            case TensorType.Bytes:
                foreach (var element in tensor.Elements.Span)
                    writer.WriteStringValue(Utf8.IsValid(element.Span) ? element.Span : throw NotText(tensor));
                break;
            default:
                throw new ApiException(422, "unsupported", $"sending {tensor.Type.ToProtocolName()} data via JSON is not supported. Please use the binary data format for output {tensor.Name}");
        }
    }

    private static ApiException NotFinite(Tensor tensor, double value)
        => new(422, "not_finite", $"The output '{tensor.Name}' of the model holds {(double.IsNaN(value) ? "NaN" : "an infinity")}, which JSON cannot carry (RFC 8259, 6); check the inputs, or ask only for outputs that are finite.");

    private static ApiException NotText(Tensor tensor)
        => new(422, "invalid_text", $"The output '{tensor.Name}' of the model holds bytes that are not UTF-8, which JSON cannot carry.");

    private static InputFaultException WrongCount(ref StrictReader reader, string name, long[] shape, int? given = null)
        => reader.Fault("invalid", $"data of input '{name}' has {(given is { } count ? count : "another number of")} elements; its shape [{string.Join(',', shape)}] takes {Product(shape)}.");

    private static string Product(long[] shape)
    {
        double product = 1;
        foreach (var dimension in shape)
            product *= dimension;
        return product.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Elements as they come, packed little-endian.</summary>
    private ref struct Elements
    {
        private readonly TensorType _type;
        private readonly int _size;

        public Elements(TensorType type, int capacity)
        {
            _type = type;
            _size = type.Size();
            if (type == TensorType.Bytes)
                Texts = new ReadOnlyMemory<byte>[capacity];
            else
                Bytes = new byte[(long)capacity * _size];
        }

        public int Count { get; private set; }

        public byte[]? Bytes { get; }

        public ReadOnlyMemory<byte>[]? Texts { get; }

        public void Add(ref StrictReader reader)
        {
            var thing = "An element";
            if (Texts is not null)
            {
                Texts[Count++] = reader.ReadUtf8(thing);
                return;
            }

            var at = Bytes.AsSpan(Count * _size, _size);
            switch (_type)
            {
                case TensorType.Bool:
                    at[0] = reader.ReadBool(thing) ? (byte)1 : (byte)0;
                    break;
                case TensorType.UInt8:
                    at[0] = (byte)reader.ReadInt64(thing, byte.MinValue, byte.MaxValue);
                    break;
                case TensorType.Int8:
                    at[0] = (byte)(sbyte)reader.ReadInt64(thing, sbyte.MinValue, sbyte.MaxValue);
                    break;
                case TensorType.UInt16:
                    BinaryPrimitives.WriteUInt16LittleEndian(at, (ushort)reader.ReadInt64(thing, ushort.MinValue, ushort.MaxValue));
                    break;
                case TensorType.Int16:
                    BinaryPrimitives.WriteInt16LittleEndian(at, (short)reader.ReadInt64(thing, short.MinValue, short.MaxValue));
                    break;
                case TensorType.UInt32:
                    BinaryPrimitives.WriteUInt32LittleEndian(at, (uint)reader.ReadInt64(thing, uint.MinValue, uint.MaxValue));
                    break;
                case TensorType.Int32:
                    BinaryPrimitives.WriteInt32LittleEndian(at, (int)reader.ReadInt64(thing, int.MinValue, int.MaxValue));
                    break;
                case TensorType.Int64:
                    BinaryPrimitives.WriteInt64LittleEndian(at, reader.ReadInt64(thing));
                    break;
                case TensorType.UInt64:
                    if (!reader.TryGetUInt64(out var unsigned))
                        throw reader.Fault("out_of_range", $"{thing} is {reader.Excerpt()}; give a whole number from 0 to {ulong.MaxValue}.");
                    BinaryPrimitives.WriteUInt64LittleEndian(at, unsigned);
                    break;
                case TensorType.Fp32:
                    var single = (float)reader.ReadDouble(thing);
                    if (!float.IsFinite(single))
                        throw reader.Fault("out_of_range", $"{thing} is {reader.Excerpt()}, which no FP32 holds; the limit is about ±3.4e38.");
                    BinaryPrimitives.WriteSingleLittleEndian(at, single);
                    break;
                default:
                    BinaryPrimitives.WriteDoubleLittleEndian(at, reader.ReadDouble(thing));
                    break;
            }

            Count++;
        }
    }
}
