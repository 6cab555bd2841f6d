using System.Buffers.Binary;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Inference;

namespace OrleansMl.Gateway.OpenInference;

/// <summary>
/// Tensors as bytes (<c>extension_binary_data.md</c>): little-endian, row-major; an element of BYTES is its length as u32 and its bytes.
/// </summary>
internal static class BinaryTensors
{
    /// <summary>A tensor over bytes; none of them is copied.</summary>
    /// <exception cref="ApiException">400: the bytes do not fit shape and datatype.</exception>
    public static Tensor Read(string name, TensorType type, long[] shape, ReadOnlyMemory<byte> data)
    {
        var count = Count(name, shape);
        if (type == TensorType.Bytes)
            return new Tensor(name, shape, ReadElements(name, shape, count, data.Span.Length, data));
        var expected = count * type.Size();
        return data.Length == expected
            ? new Tensor(name, type, shape, data)
            : throw Unfit($"input '{name}' has {data.Length} bytes; shape {Text(shape)} of {type.ToProtocolName()} takes {expected}. Send exactly as many.");
    }

    /// <summary>Bytes that an output takes.</summary>
    public static long SizeOf(Tensor tensor)
    {
        if (tensor.Type != TensorType.Bytes)
            return tensor.Data.Length;
        long size = 0;
        foreach (var element in tensor.Elements.Span)
            size += 4 + element.Length;
        return size;
    }

    /// <summary>Appends the elements of a BYTES tensor.</summary>
    public static void WriteElements(PooledBuffer buffer, Tensor tensor)
    {
        foreach (var element in tensor.Elements.Span)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(buffer.GetSpan(4), (uint)element.Length);
            buffer.Advance(4);
            buffer.Write(element.Span);
        }
    }

    /// <summary>Elements of a shape.</summary>
    /// <exception cref="ApiException">400: a negative dimension, or more elements than any tensor has.</exception>
    public static long Count(string name, ReadOnlySpan<long> shape)
    {
        long count = 1;
        foreach (var dimension in shape)
        {
            if (dimension < 0)
                throw Unfit($"shape {Text(shape)} of input '{name}' has the dimension {dimension}; a request states every dimension, 0 or more.");
            if (dimension != 0 && count > int.MaxValue / dimension)
                throw Unfit($"shape {Text(shape)} of input '{name}' has more than {int.MaxValue} elements; send less.");
            count *= dimension;
        }

        return count;
    }

    public static string Text(ReadOnlySpan<long> shape) => $"[{string.Join(',', shape.ToArray())}]";

    private static ReadOnlyMemory<byte>[] ReadElements(string name, long[] shape, long count, int length, ReadOnlyMemory<byte> data)
    {
        // Each element has four bytes at least: never allocate for more.
        if (count > length / 4)
            throw Unfit($"input '{name}' has {length} bytes; shape {Text(shape)} of BYTES takes {count} elements of four bytes and more. Put the length of each element before it, as u32.");
        var elements = new ReadOnlyMemory<byte>[count];
        var at = 0;
        for (var i = 0; i < elements.Length; i++)
        {
            if (length - at < 4)
                throw Unfit($"input '{name}' ends after {i} elements; shape {Text(shape)} takes {count}.");
            var size = BinaryPrimitives.ReadUInt32LittleEndian(data.Span[at..]);
            at += 4;
            if (size > length - at)
                throw Unfit($"element {i} of input '{name}' says that it has {size} bytes, but {length - at} are left; check the length before it.");
            elements[i] = data.Slice(at, (int)size);
            at += (int)size;
        }

        return at == length ? elements : throw Unfit($"input '{name}' has {length - at} bytes behind its last element; shape {Text(shape)} takes {count} elements.");
    }

    private static ApiException Unfit(string detail) => new(400, "invalid", detail);
}
