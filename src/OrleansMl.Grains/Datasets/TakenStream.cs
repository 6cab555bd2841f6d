using System.Globalization;
using System.Security.Cryptography;

namespace OrleansMl.Datasets;

/// <summary>Passes a stream on to its reader, and on the way writes it to a file, hashes it and counts it.</summary>
internal sealed class TakenStream(Stream source, Stream copy, long limit) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public long Taken { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => Taken;
        set => throw new NotSupportedException();
    }

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

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read it asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _hash.Dispose();
        base.Dispose(disposing);
    }

    internal sealed class TooLargeException(long limit) : Exception($"The file has more than {limit.ToString(CultureInfo.InvariantCulture)} bytes, the limit (Jobs:MaxDatasetBytes); send it in parts.");
}
