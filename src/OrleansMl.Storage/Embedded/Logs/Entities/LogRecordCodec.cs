using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Logs.Entities;

/// <summary>
/// Bytes of a record of an entity's log, as they lie in segments and pages: kind (1 byte), revision (varint), event time
/// (8 bytes, little-endian), then id, type and payload, each with its length (varint) before it. Position and created time
/// are the chunk's (see <see cref="LogChunk"/>).
/// </summary>
internal static class LogRecordCodec
{
    /// <summary>Encodes a batch, off the writer's thread.</summary>
    public static EncodedRecords Encode(IReadOnlyList<LogAppend> records)
    {
        var size = 0;
        var ends = new int[records.Count];
        for (var i = 0; i < ends.Length; i++)
            ends[i] = size += SizeOf(records[i]);
        var bytes = new byte[size];
        var hashes = new ulong[ends.Length];
        var at = 0;
        for (var i = 0; i < ends.Length; i++)
            at += Write(bytes.AsSpan(at), records[i], out hashes[i]);
        return new EncodedRecords(bytes, ends, hashes);
    }

    /// <summary>Reads the record at the start of the bytes and moves them behind it.</summary>
    public static LogRecordView Read(scoped ref ReadOnlySpan<byte> bytes)
    {
        var kind = bytes[0];
        bytes = bytes[1..];
        var revision = (int)Varint.Read(ref bytes);
        var time = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        bytes = bytes[8..];
        return new LogRecordView
        {
            Kind = kind,
            Revision = revision,
            EventTime = time,
            Id = ReadBlock(ref bytes),
            Type = ReadBlock(ref bytes),
            Payload = ReadBlock(ref bytes),
        };
    }

    /// <summary>Hash of kind and id, by which an id is found: XXH3 with the kind as seed. It is stored, so it stays as it is.</summary>
    public static ulong HashOf(byte kind, ReadOnlySpan<byte> id) => XxHash3.HashToUInt64(id, kind);

    private static int SizeOf(in LogAppend record)
    {
        var (id, type) = (StoredText.Strict.GetByteCount(record.Id), StoredText.Strict.GetByteCount(record.Type));
        return 9 + Varint.SizeOf((ulong)record.Revision) + Varint.SizeOf((ulong)id) + id + Varint.SizeOf((ulong)type) + type + Varint.SizeOf((ulong)record.Payload.Length) + record.Payload.Length;
    }

    private static int Write(Span<byte> bytes, in LogAppend record, out ulong hash)
    {
        bytes[0] = record.Kind;
        var at = 1 + Varint.Write(bytes[1..], (ulong)record.Revision);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[at..], StoredTime.ToTicks(record.EventTime));
        at += 8;
        var id = WriteText(bytes, ref at, record.Id);
        hash = HashOf(record.Kind, id);
        WriteText(bytes, ref at, record.Type);
        at += Varint.Write(bytes[at..], (ulong)record.Payload.Length);
        record.Payload.Span.CopyTo(bytes[at..]);
        return at + record.Payload.Length;
    }

    private static Span<byte> WriteText(Span<byte> bytes, ref int at, string text)
    {
        var length = StoredText.Strict.GetByteCount(text);
        at += Varint.Write(bytes[at..], (ulong)length);
        var place = bytes.Slice(at, length);
        StoredText.Strict.GetBytes(text, place);
        at += length;
        return place;
    }

    private static ReadOnlySpan<byte> ReadBlock(scoped ref ReadOnlySpan<byte> bytes)
    {
        var length = (int)Varint.Read(ref bytes);
        var block = bytes[..length];
        bytes = bytes[length..];
        return block;
    }
}

/// <summary>A batch as bytes: record i ends at <c>Ends[i]</c>, and <c>Hashes[i]</c> is the hash of its kind and id.</summary>
internal sealed record EncodedRecords(byte[] Bytes, int[] Ends, ulong[] Hashes)
{
    public ReadOnlySpan<byte> this[int index] => Bytes.AsSpan(index == 0 ? 0 : Ends[index - 1], Ends[index] - (index == 0 ? 0 : Ends[index - 1]));
}

/// <summary>One record, over the bytes that hold it.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly ref struct LogRecordView
{
    public byte Kind { get; init; }

    public int Revision { get; init; }

    /// <summary>In ticks, UTC.</summary>
    public long EventTime { get; init; }

    public ReadOnlySpan<byte> Id { get; init; }

    public ReadOnlySpan<byte> Type { get; init; }

    public ReadOnlySpan<byte> Payload { get; init; }

    public LogEntry ToEntry(long sequence, long created) => new(
        sequence, Kind, Encoding.UTF8.GetString(Id), Encoding.UTF8.GetString(Type), StoredTime.FromTicks(EventTime), StoredTime.FromTicks(created), Revision, Payload.ToArray());
}
