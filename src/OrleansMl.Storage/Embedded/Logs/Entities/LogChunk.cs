using System.Buffers;
using System.Buffers.Binary;

namespace OrleansMl.Storage.Embedded.Logs.Entities;

/// <summary>
/// What one append added to one log: records with consecutive sequences and one created time. As bytes: created time (8 bytes,
/// little-endian), count and length (varints), records.
/// </summary>
/// <param name="First">Sequence of its first record.</param>
/// <param name="Count">Number of records.</param>
/// <param name="Created">Created time of them all, in ticks.</param>
/// <param name="Records">The records, one after another.</param>
internal readonly record struct LogChunk(long First, int Count, long Created, ReadOnlyMemory<byte> Records)
{
    public long Last => First + Count - 1;

    public int Size => 8 + Varint.SizeOf((ulong)Count) + Varint.SizeOf((ulong)Records.Length) + Records.Length;

    public void Write(IBufferWriter<byte> writer)
    {
        var span = writer.GetSpan(Size);
        BinaryPrimitives.WriteInt64LittleEndian(span, Created);
        var at = 8 + Varint.Write(span[8..], (ulong)Count);
        at += Varint.Write(span[at..], (ulong)Records.Length);
        Records.Span.CopyTo(span[at..]);
        writer.Advance(at + Records.Length);
    }

    /// <summary>Reads a chunk without copying its records, and moves the bytes behind it.</summary>
    public static void Read(ref ReadOnlySpan<byte> bytes, out long created, out int count, out ReadOnlySpan<byte> records)
    {
        created = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        bytes = bytes[8..];
        count = (int)Varint.Read(ref bytes);
        var length = (int)Varint.Read(ref bytes);
        records = bytes[..length];
        bytes = bytes[length..];
    }
}
