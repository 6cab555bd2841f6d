using System.Buffers.Binary;
using System.Text;

namespace OrleansMl.Features;

/// <summary>Little-endian bytes with variable-length integers; see <see cref="ByteReader"/> for the way back.</summary>
internal sealed class ByteWriter(int capacity = 64)
{
    /// <summary>Integers below this magnitude are written in at most 7 bytes, shorter than the 8 of a double.</summary>
    internal const double IntegerLimit = 281_474_976_710_656; // 2^48

    internal const byte MissingTag = 0, NumberTag = 1, IntegerTag = 2, TextTag = 3, FalseTag = 4, TrueTag = 5;

    internal static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private byte[] _buffer = new byte[capacity];
    private int _count;

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _count);

    public void Byte(byte value) => Reserve(1)[0] = value;

    public void Varint(ulong value)
    {
        while (value >= 0x80)
        {
            Byte((byte)(value | 0x80));
            value >>= 7;
        }

        Byte((byte)value);
    }

    public void Signed(long value) => Varint((ulong)((value << 1) ^ (value >> 63)));

    public void Fixed32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);

    public void Double(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Reserve(8), value);

    /// <exception cref="ArgumentException">The text holds a lone surrogate.</exception>
    public void Text(string value)
    {
        var length = StrictUtf8.GetByteCount(value);
        Varint((ulong)length);
        StrictUtf8.GetBytes(value, Reserve(length));
    }

    public void Value(FieldValue value)
    {
        switch (value.Kind)
        {
            case FieldValueKind.Missing:
                Byte(MissingTag);
                break;
            case FieldValueKind.Bool:
                Byte(value.AsNumber() != 0 ? TrueTag : FalseTag);
                break;
            case FieldValueKind.Text:
                Byte(TextTag);
                Text(value.AsText()!);
                break;
            default:
                var number = value.AsNumber();
                if (IsShortInteger(number))
                {
                    Byte(IntegerTag);
                    Signed((long)number);
                }
                else
                {
                    Byte(NumberTag);
                    Double(number);
                }

                break;
        }
    }

    public byte[] ToArray() => Written.ToArray();

    internal static bool IsShortInteger(double number) => Math.Abs(number) < IntegerLimit && Math.Truncate(number) == number;

    private Span<byte> Reserve(int length)
    {
        if (_buffer.Length - _count < length)
        {
            Array.Resize(ref _buffer, Math.Max(checked(_count + length), (int)Math.Min(_buffer.Length * 2L, Array.MaxLength)));
        }

        var span = _buffer.AsSpan(_count, length);
        _count += length;
        return span;
    }
}
