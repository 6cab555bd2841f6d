using System.Buffers.Binary;
using System.Numerics;

namespace OrleansMl.Learning;

/// <summary>
/// MurmurHash3 x86 32-bit (Austin Appleby, public domain), as ONNX Runtime's <c>com.microsoft.MurmurHash3</c> with
/// <c>positive = 1</c> computes it for strings.
/// </summary>
public static class MurmurHash3
{
    private const uint C1 = 0xcc9e2d51;
    private const uint C2 = 0x1b873593;

    /// <summary>Hash of the bytes.</summary>
    public static uint Hash(ReadOnlySpan<byte> data, uint seed = 0)
    {
        var hash = seed;
        var rest = data;
        while (rest.Length >= 4)
        {
            hash ^= Mix(BinaryPrimitives.ReadUInt32LittleEndian(rest));
            hash = (BitOperations.RotateLeft(hash, 13) * 5) + 0xe6546b64;
            rest = rest[4..];
        }

        uint tail = 0;
        for (var i = rest.Length - 1; i >= 0; i--)
            tail = (tail << 8) | rest[i];
        if (rest.Length > 0)
            hash ^= Mix(tail);

        hash ^= (uint)data.Length;
        hash = (hash ^ (hash >> 16)) * 0x85ebca6b;
        hash = (hash ^ (hash >> 13)) * 0xc2b2ae35;
        return hash ^ (hash >> 16);
    }

    private static uint Mix(uint k) => BitOperations.RotateLeft(k * C1, 15) * C2;
}
