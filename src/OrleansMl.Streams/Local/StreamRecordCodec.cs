using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;

namespace OrleansMl.Streams;

/// <summary>
/// A <see cref="StreamRecord"/> as it lies in the embedded store. Byte 0 is the format:
/// <list type="bullet">
/// <item>1: data alone, as examples lay in the outbox of stores before streams, whose first byte was always 1;</item>
/// <item>2: a byte of flags for the attributes that are there, the attributes (strings in UTF-8 with their length before
/// them in groups of 7 bits, times in ticks), then the data up to the end.</item>
/// </list>
/// </summary>
public static class StreamRecordCodec
{
    private const byte DataAlone = 1;
    private const byte WithAttributes = 2;
    private const string DefaultContentType = "application/json";

    // Text that is not valid UTF-16 is refused: replaced characters would fold two ids into one.
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    [Flags]
    private enum Parts : byte
    {
        None = 0,
        Key = 1,
        Time = 2,
        Subject = 4,
        TraceParent = 8,
        ContentType = 16,
        Headers = 32,
    }

    /// <exception cref="ArgumentException">An attribute cannot be written as UTF-8.</exception>
    public static byte[] Encode(StreamRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        var parts = (record.Key is null ? Parts.None : Parts.Key)
            | (record.Time is null ? Parts.None : Parts.Time)
            | (record.Subject is null ? Parts.None : Parts.Subject)
            | (record.TraceParent is null ? Parts.None : Parts.TraceParent)
            | (record.ContentType == DefaultContentType ? Parts.None : Parts.ContentType)
            | (record.Headers.IsDefaultOrEmpty ? Parts.None : Parts.Headers);
        using var stream = new MemoryStream(128 + record.Data.Length);
        using (var writer = new BinaryWriter(stream, s_strict, leaveOpen: true))
        {
            writer.Write(WithAttributes);
            writer.Write((byte)parts);
            writer.Write(record.Id);
            writer.Write(record.Type);
            if (record.Key is { } key)
                writer.Write(key);
            if (record.Time is { } time)
                writer.Write((time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : time).Ticks);
            if (record.Subject is { } subject)
                writer.Write(subject);
            if (record.TraceParent is { } trace)
                writer.Write(trace);
            if (parts.HasFlag(Parts.ContentType))
                writer.Write(record.ContentType);
            if (parts.HasFlag(Parts.Headers))
            {
                writer.Write7BitEncodedInt(record.Headers.Length);
                foreach (var (name, value) in record.Headers)
                {
                    writer.Write(name);
                    writer.Write(value);
                }
            }

            writer.Write(record.Data.Span);
        }

        return stream.ToArray();
    }

    /// <summary>The record of these bytes, which it goes on to refer to. A bare one gets its sequence for an id.</summary>
    /// <exception cref="InvalidDataException">They are no record, or of a format that is not known here.</exception>
    public static StreamRecord Decode(ReadOnlyMemory<byte> bytes, long sequence)
    {
        if (bytes.IsEmpty)
            throw new InvalidDataException("A record of no bytes.");
        return bytes.Span[0] switch
        {
            DataAlone => new StreamRecord
            {
                Id = sequence.ToString(System.Globalization.CultureInfo.InvariantCulture),
                Type = "example",
                ContentType = "application/octet-stream",
                Data = bytes,
            },
            WithAttributes => Decode(bytes),
            var format => throw new InvalidDataException($"A record of format {format} is not known here; {DataAlone} and {WithAttributes} are."),
        };
    }

    private static StreamRecord Decode(ReadOnlyMemory<byte> bytes)
    {
        if (!MemoryMarshal.TryGetArray(bytes, out var array))
            array = bytes.ToArray();
        using var stream = new MemoryStream(array.Array!, array.Offset, array.Count, writable: false);
        using var reader = new BinaryReader(stream, s_strict);
        try
        {
            stream.Position = 1;
            var parts = (Parts)reader.ReadByte();
            return new StreamRecord
            {
                Id = reader.ReadString(),
                Type = reader.ReadString(),
                Key = parts.HasFlag(Parts.Key) ? reader.ReadString() : null,
                Time = parts.HasFlag(Parts.Time) ? new DateTime(reader.ReadInt64(), DateTimeKind.Utc) : null,
                Subject = parts.HasFlag(Parts.Subject) ? reader.ReadString() : null,
                TraceParent = parts.HasFlag(Parts.TraceParent) ? reader.ReadString() : null,
                ContentType = parts.HasFlag(Parts.ContentType) ? reader.ReadString() : DefaultContentType,
                Headers = parts.HasFlag(Parts.Headers) ? ReadHeaders(reader, array.Count) : [],
                Data = bytes[(int)stream.Position..],
            };
        }
        catch (Exception exception) when (exception is IOException or FormatException or ArgumentException or OverflowException)
        {
            throw new InvalidDataException($"The record is cut off or damaged: {exception.Message}", exception);
        }
    }

    private static ImmutableArray<KeyValuePair<string, string>> ReadHeaders(BinaryReader reader, int bytes)
    {
        var count = reader.Read7BitEncodedInt();

        // Each takes two bytes at the least: a damaged count must not ask for memory that no record could fill.
        if (count < 0 || count > bytes / 2)
            throw new FormatException($"It claims {count} headers.");
        var headers = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>(count);
        for (var i = 0; i < count; i++)
            headers.Add(KeyValuePair.Create(reader.ReadString(), reader.ReadString()));
        return headers.MoveToImmutable();
    }
}
