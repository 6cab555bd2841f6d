using System.Buffers.Binary;
using System.Numerics;

namespace OrleansMl.Features;

/// <content>The state as bytes, and back.</content>
public sealed partial class EntityFold
{
    private const ushort SnapshotMark = 0xF01D;

    /// <summary>
    /// The whole state as bytes, with a version and a checksum: a fold restored from them and fed the records after
    /// <see cref="LastSequence"/> reads as this one would.
    /// </summary>
    /// <exception cref="InvalidOperationException">The fold keeps everything: it answers one question and is not for keeping.</exception>
    public byte[] Save()
    {
        if (_retention == FoldRetention.Everything)
        {
            throw new InvalidOperationException("A fold that keeps everything is made to answer one question; only one that keeps windows is saved.");
        }

        var writer = new ByteWriter(512);
        writer.Byte(SnapshotMark >> 8);
        writer.Byte(SnapshotMark & 0xFF);
        writer.Text(Plan.FoldVersion);
        writer.Text(EntityId);
        writer.Signed(LastSequence);
        writer.Signed(_watermark ?? -1);
        foreach (var attribute in _attributes)
        {
            attribute.Save(writer);
        }

        foreach (var series in _series)
        {
            series.Save(writer);
        }

        writer.Fixed32(Checksum(writer.Written));
        return writer.ToArray();
    }

    /// <summary>Restores what <see cref="Save"/> wrote.</summary>
    /// <exception cref="FormatException">
    /// The bytes are damaged, of another <see cref="FoldPlan.FoldVersion"/> or of another entity: rebuild from the log.
    /// </exception>
    public static EntityFold Restore(FoldPlan plan, string entityId, ReadOnlySpan<byte> snapshot)
    {
        var fold = new EntityFold(plan, entityId);
        if (snapshot.Length < 6 || Checksum(snapshot[..^4]) != new ByteReader(snapshot[^4..]).Fixed32())
        {
            throw new FormatException($"The snapshot of '{plan.EntityType}/{entityId}' ({snapshot.Length} bytes) is damaged: its checksum does not fit. Rebuild it from the log.");
        }

        var reader = new ByteReader(snapshot[..^4]);
        if (reader.Byte() != SnapshotMark >> 8 || reader.Byte() != (SnapshotMark & 0xFF))
        {
            throw reader.Malformed("this is no snapshot of a fold");
        }

        var version = reader.Text();
        if (version != plan.FoldVersion)
        {
            throw new FormatException($"The snapshot of '{plan.EntityType}/{entityId}' was made by fold version {version}, the declaration now is {plan.FoldVersion}. Rebuild it from the log.");
        }

        var savedId = reader.Text();
        if (savedId != entityId)
        {
            throw new FormatException($"The snapshot is of '{plan.EntityType}/{savedId}', not of '{entityId}'.");
        }

        fold.LastSequence = reader.Signed();
        var watermark = reader.Signed();
        fold._watermark = watermark < 0 ? null : watermark;
        foreach (var attribute in fold._attributes)
        {
            attribute.Restore(ref reader);
        }

        foreach (var series in fold._series)
        {
            series.Restore(ref reader);
        }

        reader.End();
        return fold;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        while (bytes.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        foreach (var next in bytes)
        {
            crc = BitOperations.Crc32C(crc, next);
        }

        return ~crc;
    }
}
