using System.Buffers;
using System.Text;

namespace OrleansMl.Learning;

/// <summary>One hashed feature: the place of <c>name=value</c> in the table.</summary>
internal sealed class HashedColumn(string name, TextColumn text, int bits)
{
    private const int OnStack = 512;

    private readonly byte[] _prefix = Encoding.UTF8.GetBytes(name + "=");
    private readonly uint _mask = (1u << bits) - 1;

    public string Name { get; } = name;

    /// <summary>Place and value; (0, 0) when the text is missing.</summary>
    public (int Index, double Value) Evaluate(in Row row, ReadOnlySpan<double> registers)
    {
        var buffer = new TextBuffer(stackalloc char[128]);
        var present = text.Write(row, registers, ref buffer);
        var index = present ? (int)(Hash(buffer.Text) & _mask) : 0;
        buffer.Dispose();
        return (index, present ? 1 : 0);
    }

    private uint Hash(ReadOnlySpan<char> value)
    {
        var size = _prefix.Length + Encoding.UTF8.GetMaxByteCount(value.Length);
        byte[]? rented = null;
        var bytes = size <= OnStack ? stackalloc byte[OnStack] : rented = ArrayPool<byte>.Shared.Rent(size);
        _prefix.CopyTo(bytes);
        var length = _prefix.Length + Encoding.UTF8.GetBytes(value, bytes[_prefix.Length..]);
        var hash = MurmurHash3.Hash(bytes[..length]);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        return hash;
    }
}
