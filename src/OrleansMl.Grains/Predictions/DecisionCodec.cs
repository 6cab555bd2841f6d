using System.Collections.Immutable;
using System.Text;

namespace OrleansMl.Predictions;

/// <summary>
/// The candidates of an explored answer as bytes: version 1, count, then for each its id, its propensity and its values, the
/// length of their <see cref="VectorCodec"/> bytes first.
/// </summary>
public static class DecisionCodec
{
    private const byte Version = 1;

    public static byte[] Encode(IReadOnlyList<LoggedCandidate> candidates)
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Version);
            writer.Write7BitEncodedInt(candidates.Count);
            foreach (var candidate in candidates)
            {
                writer.Write(candidate.Subject);
                writer.Write(candidate.Propensity);
                var values = VectorCodec.Encode(candidate.Values);
                writer.Write7BitEncodedInt(values.Length);
                writer.Write(values);
            }
        }

        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no decision, or of a version that is not known here.</exception>
    public static ImmutableArray<LoggedCandidate> Decode(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return Read(bytes);
        }
        catch (Exception exception) when (exception is EndOfStreamException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"The decision is cut off or damaged: {exception.Message}", exception);
        }
    }

    private static ImmutableArray<LoggedCandidate> Read(ReadOnlyMemory<byte> bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes.ToArray(), writable: false), Encoding.UTF8);
        if (reader.ReadByte() is var version && version != Version)
            throw new InvalidDataException($"A decision of version {version} is not known here; {Version} is.");
        var count = reader.Read7BitEncodedInt();
        if (count < 0 || count > bytes.Length)
            throw new InvalidDataException($"It claims {count} candidates in {bytes.Length} bytes.");
        var candidates = ImmutableArray.CreateBuilder<LoggedCandidate>(count);
        for (var i = 0; i < count; i++)
        {
            var subject = reader.ReadString();
            var propensity = reader.ReadDouble();
            var length = reader.Read7BitEncodedInt();
            if (length < 0 || length > bytes.Length)
                throw new InvalidDataException($"It claims a vector of {length} bytes in {bytes.Length}.");
            candidates.Add(new LoggedCandidate(subject, propensity, VectorCodec.Decode(reader.ReadBytes(length))));
        }

        return candidates.MoveToImmutable();
    }
}
