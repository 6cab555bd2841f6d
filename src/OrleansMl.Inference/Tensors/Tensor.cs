namespace OrleansMl.Inference;

/// <summary>A named tensor: bytes, shape and type, as it travels.</summary>
public sealed class Tensor
{
    /// <summary>A tensor of fixed-size elements.</summary>
    /// <param name="name">Name of the input or output.</param>
    /// <param name="type">Any type but <see cref="TensorType.Bytes"/>.</param>
    /// <param name="shape">Row-major; every dimension ≥ 0.</param>
    /// <param name="data">Little-endian elements, exactly as many as the shape says.</param>
    /// <exception cref="ArgumentException">The data's length does not fit shape and type.</exception>
    public Tensor(string name, TensorType type, ReadOnlyMemory<long> shape, ReadOnlyMemory<byte> data)
    {
        if (type == TensorType.Bytes)
            throw new ArgumentException("A BYTES tensor is made from its elements.", nameof(type));
        var expected = checked(ElementCount(shape.Span) * type.Size());
        if (data.Length != expected)
            throw new ArgumentException($"Tensor '{name}': shape [{string.Join(',', shape.ToArray())}] of {type.ToProtocolName()} takes {expected} bytes, not {data.Length}.", nameof(data));
        (Name, Type, Shape, Data, Elements) = (name, type, shape, data, ReadOnlyMemory<ReadOnlyMemory<byte>>.Empty);
    }

    /// <summary>A BYTES tensor.</summary>
    /// <exception cref="ArgumentException">The number of elements does not fit the shape.</exception>
    public Tensor(string name, ReadOnlyMemory<long> shape, ReadOnlyMemory<ReadOnlyMemory<byte>> elements)
    {
        var expected = ElementCount(shape.Span);
        if (elements.Length != expected)
            throw new ArgumentException($"Tensor '{name}': shape [{string.Join(',', shape.ToArray())}] takes {expected} elements, not {elements.Length}.", nameof(elements));
        (Name, Type, Shape, Data, Elements) = (name, TensorType.Bytes, shape, ReadOnlyMemory<byte>.Empty, elements);
    }

    private Tensor(string name, Tensor other) => (Name, Type, Shape, Data, Elements) = (name, other.Type, other.Shape, other.Data, other.Elements);

    public string Name { get; }

    public TensorType Type { get; }

    public ReadOnlyMemory<long> Shape { get; }

    /// <summary>Little-endian, row-major; empty for <see cref="TensorType.Bytes"/>.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>Row-major elements of a BYTES tensor; else empty.</summary>
    public ReadOnlyMemory<ReadOnlyMemory<byte>> Elements { get; }

    /// <summary>A copy on memory of its own.</summary>
    public Tensor Clone() => Type == TensorType.Bytes
        ? new Tensor(Name, Shape.ToArray(), Array.ConvertAll(Elements.ToArray(), static e => (ReadOnlyMemory<byte>)e.ToArray()))
        : new Tensor(Name, Type, Shape.ToArray(), Data.ToArray());

    /// <summary>The same under another name, on the same memory.</summary>
    public Tensor Named(string name) => new(name, this);

    /// <summary>Product of the dimensions.</summary>
    /// <exception cref="ArgumentException">A dimension is negative, or the product is over 2^31 − 1.</exception>
    public static long ElementCount(ReadOnlySpan<long> shape)
    {
        long count = 1;
        foreach (var dimension in shape)
        {
            if (dimension < 0)
                throw new ArgumentException($"A dimension is {dimension}; it must be ≥ 0.", nameof(shape));
            if (dimension != 0 && count > int.MaxValue / dimension)
                throw new ArgumentException($"A shape with more than {int.MaxValue} elements is refused.", nameof(shape));
            count *= dimension;
        }

        return count;
    }
}
