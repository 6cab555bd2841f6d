using System.Globalization;
using System.Security.Cryptography;

namespace OrleansMl.Datasets;

/// <summary>Passes a stream on to its reader, and on the way writes it to a file, hashes it and counts it.</summary>
internal sealed class TakenStream(Stream source, Stream copy, long limit) : AsyncReadStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public long Taken { get; private set; }

    /// <summary>SHA-256 of all that went by, lower-case hexadecimal.</summary>
    public string Hash() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    /// <exception cref="TooLargeException">There is more than the limit.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await source.ReadAsync(buffer, cancellationToken);
        if ((Taken += read) > limit)
            throw new TooLargeException(limit);
        _hash.AppendData(buffer.Span[..read]);
        await copy.WriteAsync(buffer[..read], cancellationToken);
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _hash.Dispose();
        base.Dispose(disposing);
    }

    internal sealed class TooLargeException(long limit) : Exception($"The file has more than {limit.ToString(CultureInfo.InvariantCulture)} bytes, the limit (Jobs:MaxDatasetBytes); send it in parts.");
}
