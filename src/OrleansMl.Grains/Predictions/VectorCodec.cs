using System.Collections.Immutable;
using System.Text;

namespace OrleansMl.Predictions;

/// <summary>
/// A vector as served, as bytes: version 1, count, then for each column name, kind, value, status, used-default and
/// event time. Names are kept, so that a logged vector says what it is without its application.
/// </summary>
public static class VectorCodec
{
    private const byte Version = 1;

    public static byte[] Encode(IReadOnlyList<FeatureValue> vector)
    {
        using var stream = new MemoryStream(64 + (vector.Count * 32));
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Version);
            writer.Write7BitEncodedInt(vector.Count);
            foreach (var feature in vector)
            {
                writer.Write(feature.Name);
                writer.Write((byte)feature.Value.Kind);
                if (feature.Value.Kind == ScalarKind.Text)
                    writer.Write(feature.Value.AsText()!);
                else if (feature.Value.Kind != ScalarKind.Missing)
                    writer.Write(feature.Value.AsNumber());
                writer.Write((byte)feature.Status);
                writer.Write(feature.UsedDefault);
                writer.Write(feature.EventTime?.Ticks ?? -1L);
            }
        }

        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are not such a vector.</exception>
    public static ImmutableArray<FeatureValue> Decode(ReadOnlyMemory<byte> bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes.ToArray(), writable: false), Encoding.UTF8);
        if (reader.ReadByte() is var version && version != Version)
            throw new InvalidDataException($"A vector of version {version} is not known here; {Version} is.");
        var count = reader.Read7BitEncodedInt();
        if (count < 0 || count > bytes.Length)
            throw new InvalidDataException($"It claims {count} columns in {bytes.Length} bytes.");
        var vector = ImmutableArray.CreateBuilder<FeatureValue>(count);
        for (var i = 0; i < count; i++)
        {
            var name = reader.ReadString();
            var value = (ScalarKind)reader.ReadByte() switch
            {
                ScalarKind.Missing => Scalar.Missing,
                ScalarKind.Number => Scalar.Of(reader.ReadDouble()),
                ScalarKind.Bool => Scalar.Of(reader.ReadDouble() != 0),
                ScalarKind.Text => Scalar.Of(reader.ReadString()),
                var kind => throw new InvalidDataException($"Column '{name}' has the unknown kind {(byte)kind}."),
            };
            var status = (FeatureStatus)reader.ReadByte();
            var usedDefault = reader.ReadBoolean();
            var ticks = reader.ReadInt64();
            vector.Add(new FeatureValue(name, value, status, ticks < 0 ? null : new DateTime(ticks, DateTimeKind.Utc), usedDefault));
        }

        return vector.MoveToImmutable();
    }
}
