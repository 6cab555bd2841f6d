namespace OrleansMl.Storage.Embedded.Logs.Entities;

/// <summary>Unsigned numbers in groups of seven bits, the lowest first (LEB128).</summary>
internal static class Varint
{
    public static int SizeOf(ulong value)
    {
        var size = 1;
        for (; value >= 0x80; value >>= 7)
            size++;
        return size;
    }

    public static int Write(Span<byte> bytes, ulong value)
    {
        var at = 0;
        for (; value >= 0x80; value >>= 7)
            bytes[at++] = (byte)(value | 0x80);
        bytes[at++] = (byte)value;
        return at;
    }

    /// <exception cref="FormatException">The bytes hold no number.</exception>
    public static ulong Read(scoped ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (var at = 0; at < Math.Min(bytes.Length, 10); at++)
        {
            value |= (ulong)(bytes[at] & 0x7f) << (7 * at);
            if ((bytes[at] & 0x80) != 0)
                continue;
            bytes = bytes[(at + 1)..];
            return value;
        }

        throw new FormatException("A number of the entity log is cut off; the store's file is damaged.");
    }
}
