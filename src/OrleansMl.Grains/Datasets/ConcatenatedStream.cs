namespace OrleansMl.Datasets;

/// <summary>Parts of files, one after the other.</summary>
/// <param name="parts">Opens a part; how many bytes of it from its start count.</param>
internal sealed class ConcatenatedStream(IEnumerable<(Func<Stream> Open, long Bytes)> parts) : AsyncReadStream
{
    private readonly Queue<(Func<Stream> Open, long Bytes)> _parts = new(parts);
    private Stream? _current;
    private long _left;

    /// <exception cref="EndOfStreamException">A part is shorter than was said.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_left == 0)
        {
            _current?.Dispose();
            _current = null;
            if (!_parts.TryDequeue(out var next))
                return 0;
            (_current, _left) = (next.Open(), next.Bytes);
        }

        var read = await _current!.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
        if (read == 0 && buffer.Length > 0)
            throw new EndOfStreamException($"A part ends {_left} bytes before the length that was stored for it.");
        _left -= read;
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _current?.Dispose();
        base.Dispose(disposing);
    }
}
