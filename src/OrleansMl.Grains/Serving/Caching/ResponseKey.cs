using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using OrleansMl.Inference;

namespace OrleansMl.Serving;

/// <summary>
/// Names a request by what its answer depends on: the version's digest, the tensors, the outputs asked for. SHA-256, so that no
/// caller can make a request that gets another's answer.
/// </summary>
internal readonly record struct ResponseKey(Int128 High, Int128 Low)
{
    /// <param name="manifest">Of the version.</param>
    /// <param name="inputs">Of the request.</param>
    /// <param name="outputs">Asked for.</param>
    /// <param name="stamp">What else the answer depends on: see <see cref="EnsembleModels.StampOf(VersionManifest)"/>.</param>
    public static ResponseKey Of(VersionManifest manifest, IReadOnlyList<Tensor> inputs, IReadOnlyList<string> outputs, string stamp = "")
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Text(hash, manifest.Model);
        Number(hash, manifest.Version);
        Text(hash, manifest.Digest);
        Text(hash, stamp);
        // The order in which a caller lists its inputs says nothing.
        foreach (var input in inputs.OrderBy(i => i.Name, StringComparer.Ordinal))
        {
            Text(hash, input.Name);
            Number(hash, (long)input.Type);
            Number(hash, input.Shape.Length);
            hash.AppendData(MemoryMarshal.AsBytes(input.Shape.Span));
            hash.AppendData(input.Data.Span);
            foreach (var element in input.Elements.Span)
            {
                Number(hash, element.Length);
                hash.AppendData(element.Span);
            }
        }

        Number(hash, outputs.Count);
        foreach (var output in outputs)
            Text(hash, output);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return new ResponseKey(BinaryPrimitives.ReadInt128LittleEndian(digest), BinaryPrimitives.ReadInt128LittleEndian(digest[16..]));
    }

    // Lengths stand before the bytes, so that no two requests run together to the same text.
    private static void Text(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Number(hash, bytes.Length);
        hash.AppendData(bytes);
    }

    private static void Number(IncrementalHash hash, long number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        hash.AppendData(bytes);
    }
}
