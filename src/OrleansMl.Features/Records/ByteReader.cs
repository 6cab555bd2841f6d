using System.Buffers.Binary;

namespace OrleansMl.Features;

/// <summary>
/// Reads what <see cref="ByteWriter"/> wrote, and nothing else: whatever has a shorter or other form than the writer
/// would choose is malformed, so that equal content has one form only. Every failure is a <see cref="FormatException"/>.
/// </summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;

    public readonly int Remaining => _bytes.Length - _position;

    public readonly FormatException Malformed(string what) => new($"Malformed bytes at {_position} of {_bytes.Length}: {what}.");

    public byte Byte() => Take(1)[0];

    public ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            if (shift == 63 && next > 1)
            {
                throw Malformed("an integer has more than 64 bits");
            }

            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return next == 0 && shift > 0 ? throw Malformed("an integer has a superfluous byte") : value;
            }
        }

        throw Malformed("an integer has more than 64 bits");
    }

    public long Signed()
    {
        var raw = Varint();
        return (long)(raw >> 1) ^ -(long)(raw & 1);
    }

    /// <summary>A number of items that take at least <paramref name="leastBytes"/> each: never more than the bytes can hold.</summary>
    public int Count(int leastBytes)
    {
        var count = Varint();
        return count <= (ulong)(Remaining / leastBytes)
            ? (int)count
            : throw Malformed($"{count} items are announced, {Remaining} bytes are left");
    }

    public uint Fixed32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public double Double() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    public string Text()
    {
        var bytes = Take(Count(1));
        try
        {
            return ByteWriter.StrictUtf8.GetString(bytes);
        }
        catch (ArgumentException)
        {
            throw Malformed("text is not UTF-8");
        }
    }

    public FieldValue Value()
    {
        var tag = Byte();
        switch (tag)
        {
            case ByteWriter.MissingTag:
                return FieldValue.Missing;
            case ByteWriter.FalseTag:
                return FieldValue.Of(false);
            case ByteWriter.TrueTag:
                return FieldValue.Of(true);
            case ByteWriter.TextTag:
                return FieldValue.Of(Text());
            case ByteWriter.IntegerTag:
                double integer = Signed();
                return ByteWriter.IsShortInteger(integer) ? FieldValue.Of(integer) : throw Malformed("an integer is not below 2^48");
            case ByteWriter.NumberTag:
                var number = Double();
                return double.IsFinite(number) && !ByteWriter.IsShortInteger(number)
                    ? FieldValue.Of(number)
                    : throw Malformed("a number is not finite, or should be an integer");
            default:
                throw Malformed($"{tag} is no kind of value");
        }
    }

    public readonly void End()
    {
        if (Remaining != 0)
        {
            throw Malformed($"{Remaining} bytes are left over");
        }
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > Remaining)
        {
            throw Malformed($"{length} bytes are wanted, {Remaining} are left");
        }

        var span = _bytes.Slice(_position, length);
        _position += length;
        return span;
    }
}
