using System.Security.Cryptography;
using System.Text;

namespace OrleansMl.Learning;

/// <summary>Versioned bytes around a state: magic, kind, version, body, SHA-256 of all before it. Little-endian.</summary>
internal static class StateEnvelope
{
    private static readonly byte[] _magic = "OMLS"u8.ToArray();

    public static byte[] Seal(string kind, byte version, Action<BinaryWriter> body)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(_magic);
        writer.Write(kind);
        writer.Write(version);
        body(writer);
        writer.Flush();
        writer.Write(SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
        return stream.ToArray();
    }

    /// <exception cref="LearnerException">Not such bytes, damaged, or cut off.</exception>
    public static T Open<T>(ReadOnlySpan<byte> bytes, Func<string, byte, BinaryReader, T> read)
    {
        if (bytes.Length < _magic.Length + SHA256.HashSizeInBytes || !bytes.StartsWith(_magic))
            throw new LearnerException($"The {bytes.Length} bytes are not a saved state.");
        var body = bytes[..^SHA256.HashSizeInBytes];
        if (!SHA256.HashData(body).AsSpan().SequenceEqual(bytes[^SHA256.HashSizeInBytes..]))
            throw new LearnerException("The saved state is damaged: its checksum does not fit; restore an older snapshot.");
        using var reader = new BinaryReader(new MemoryStream(body[_magic.Length..].ToArray()), Encoding.UTF8);
        return read(reader.ReadString(), reader.ReadByte(), reader);
    }
}
