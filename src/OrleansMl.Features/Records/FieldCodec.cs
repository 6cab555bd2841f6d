namespace OrleansMl.Features;

/// <summary>
/// The payload of a record in an entity's log: its named values as bytes. Canonical: equal content, in whatever order
/// the fields came, has equal bytes, and bytes in any other form are refused. The identity of a record rests on it.
/// </summary>
/// <remarks>
/// Version 1: byte 1; number of fields; for each field, ascending by ordinal name: name, value. Integers are base-128
/// varints in their shortest form, text is its length in bytes and UTF-8. A value is one byte for its kind (0 missing,
/// 1 number: 8 bytes little-endian, 2 integer below 2^48 in magnitude: zigzag varint, 3 text, 4 false, 5 true) and its
/// content; a number that can be an integer is one.
/// </remarks>
public static class FieldCodec
{
    /// <summary>First byte of every payload.</summary>
    public const byte Version = 1;

    /// <summary>Encodes fields in canonical form. A missing value is kept: for attributes it means removal.</summary>
    /// <exception cref="ArgumentException">A name is there twice, or a name or text holds a lone surrogate.</exception>
    public static byte[] Encode(ReadOnlySpan<FoldField> fields)
    {
        var sorted = fields;
        if (!IsAscending(fields))
        {
            var copy = fields.ToArray();
            Array.Sort(copy, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
            sorted = copy;
            for (var i = 1; i < copy.Length; i++)
            {
                if (copy[i].Name == copy[i - 1].Name)
                {
                    throw new ArgumentException($"Field '{copy[i].Name}' is there twice; a record has each name once.", nameof(fields));
                }
            }
        }

        var writer = new ByteWriter(16 + (sorted.Length * 24));
        writer.Byte(Version);
        writer.Varint((ulong)sorted.Length);
        foreach (var field in sorted)
        {
            try
            {
                writer.Text(field.Name);
                writer.Value(field.Value);
            }
            catch (System.Text.EncoderFallbackException fallback)
            {
                throw new ArgumentException($"Field '{field.Name}' holds a lone surrogate, which no UTF-8 can express.", nameof(fields), fallback);
            }
        }

        return writer.ToArray();
    }

    /// <summary>Decodes a payload; fields come in ascending order of their names.</summary>
    /// <exception cref="FormatException">The bytes are not what <see cref="Encode"/> writes.</exception>
    public static FoldField[] Decode(ReadOnlySpan<byte> payload)
    {
        var reader = new ByteReader(payload);
        var version = reader.Byte();
        if (version != Version)
        {
            throw reader.Malformed($"version {version} of the payload is unknown, known is {Version}");
        }

        var fields = new FoldField[reader.Count(leastBytes: 2)];
        for (var i = 0; i < fields.Length; i++)
        {
            fields[i] = new FoldField(reader.Text(), reader.Value());
            if (i > 0 && string.CompareOrdinal(fields[i - 1].Name, fields[i].Name) >= 0)
            {
                throw reader.Malformed($"field '{fields[i].Name}' follows '{fields[i - 1].Name}', names must ascend");
            }
        }

        reader.End();
        return fields;
    }

    private static bool IsAscending(ReadOnlySpan<FoldField> fields)
    {
        for (var i = 1; i < fields.Length; i++)
        {
            if (string.CompareOrdinal(fields[i - 1].Name, fields[i].Name) >= 0)
            {
                return false;
            }
        }

        return true;
    }
}
