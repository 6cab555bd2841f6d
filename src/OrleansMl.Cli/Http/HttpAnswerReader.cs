using System.Buffers.Text;
using System.Net;
using System.Text;

namespace OrleansMl.Cli.Http;

/// <summary>Reads answers of HTTP/1.1 (RFC 9112) from a connection, one after the other; an answer's body is good until the next.</summary>
internal sealed class HttpAnswerReader(Uri server, HttpSocket socket)
{
    private const int MaxHeadBytes = 64 * 1024;

    private byte[] _received = new byte[16 * 1024];
    private byte[] _body = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <summary>Reads an answer to its end.</summary>
    /// <param name="closes">The connection carries no other answer after it.</param>
    /// <exception cref="HttpRequestException">It is not HTTP/1.1, or ends too early.</exception>
    public ApiAnswer Read(out bool closes)
    {
        Head head;
        do
            head = ReadHead();
        while (head.Status is >= 100 and < 200);
        var length = head switch
        {
            { Status: 204 or 304 } => 0,
            { Chunked: true } => ReadChunks(),
            { Length: { } known } => ReadInto(0, known),
            _ => ReadToEnd(),
        };
        closes = head.Close || head is { Chunked: false, Length: null, Status: not (204 or 304) };
        return new((HttpStatusCode)head.Status, _body.AsMemory(0, length));
    }

    /// <summary>Forgets what came by a connection that is closed.</summary>
    public void Clear() => (_start, _end) = (0, 0);

    private Head ReadHead()
    {
        var line = ReadLine();
        if (line.Length < 12 || !line.StartsWith("HTTP/1."u8) || !Utf8Parser.TryParse(line.Slice(9, 3), out int status, out var digits) || digits != 3)
            throw new HttpRequestException($"{server} does not answer in HTTP/1.1.");
        var head = new Head { Status = status, Close = line[7] == (byte)'0' };
        var bytes = line.Length;
        while ((line = ReadLine()).Length > 0)
        {
            if ((bytes += line.Length) > MaxHeadBytes)
                throw new HttpRequestException($"{server} sends more than {MaxHeadBytes} bytes of headers.");
            var colon = line.IndexOf((byte)':');
            if (colon <= 0)
                throw new HttpRequestException($"{server} sends a header without a colon.");
            var value = line[(colon + 1)..].Trim(" \t"u8);
            switch (colon)
            {
                case 14 when Ascii.EqualsIgnoreCase(line[..colon], "content-length"u8):
                    if (!Utf8Parser.TryParse(value, out int known, out var used) || used != value.Length || known < 0)
                        throw new HttpRequestException($"{server} sends the Content-Length '{Encoding.ASCII.GetString(value)}'.");
                    head = head with { Length = known };
                    break;
                case 17 when Ascii.EqualsIgnoreCase(line[..colon], "transfer-encoding"u8):
                    head = head with { Chunked = Ascii.EqualsIgnoreCase(value, "chunked"u8) ? true : throw new HttpRequestException($"{server} sends the Transfer-Encoding '{Encoding.ASCII.GetString(value)}'.") };
                    break;
                case 10 when Ascii.EqualsIgnoreCase(line[..colon], "connection"u8):
                    head = head with { Close = head.Close || Ascii.EqualsIgnoreCase(value, "close"u8) };
                    break;
            }
        }

        return head;
    }

    /// <summary>Chunks (RFC 9112, 7.1), without their extensions and trailers.</summary>
    private int ReadChunks()
    {
        var total = 0;
        while (true)
        {
            var line = ReadLine();
            var end = line.IndexOfAny(" ;"u8);
            var size = end < 0 ? line : line[..end];
            if (!Utf8Parser.TryParse(size, out int length, out var used, 'x') || used != size.Length || length < 0)
                throw new HttpRequestException($"{server} sends a chunk without a size.");
            if (length == 0)
                break;
            total = ReadInto(total, length);
            if (ReadLine().Length != 0)
                throw new HttpRequestException($"{server} sends a chunk longer than its size.");
        }

        while (ReadLine().Length > 0)
        {
        }

        return total;
    }

    /// <summary>Reads bytes into the body from <paramref name="offset"/> on; gives the offset after them.</summary>
    private int ReadInto(int offset, int length)
    {
        if (_body.Length - offset < length)
            Array.Resize(ref _body, Math.Max(2 * _body.Length, checked(offset + length)));
        while (length > 0)
        {
            if (_start == _end)
                Fill();
            var part = Math.Min(length, _end - _start);
            _received.AsSpan(_start, part).CopyTo(_body.AsSpan(offset));
            _start += part;
            offset += part;
            length -= part;
        }

        return offset;
    }

    private int ReadToEnd()
    {
        var total = 0;
        do
            total = ReadInto(total, _end - _start);
        while (TryFill());
        return total;
    }

    /// <summary>A line without its end; good until the next read.</summary>
    private ReadOnlySpan<byte> ReadLine()
    {
        var searched = 0;
        while (true)
        {
            var at = _received.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (at >= 0)
            {
                var line = _received.AsSpan(_start, searched + at);
                _start += searched + at + 1;
                return line.Length > 0 && line[^1] == (byte)'\r' ? line[..^1] : line;
            }

            searched = _end - _start;
            if (searched > MaxHeadBytes)
                throw new HttpRequestException($"{server} sends a line of more than {MaxHeadBytes} bytes.");
            Fill();
        }
    }

    private void Fill()
    {
        if (!TryFill())
            throw new HttpRequestException($"{server} closed the connection before the end of its answer.");
    }

    /// <summary>Reads what is there, at least one byte; false at the end.</summary>
    private bool TryFill()
    {
        if (_start > 0)
        {
            _received.AsSpan(_start, _end - _start).CopyTo(_received);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _received.Length)
            Array.Resize(ref _received, 2 * _received.Length);
        var free = _received.AsSpan(_end);
        var read = socket.Read(free);
        _end += read;
        return read > 0;
    }

    private readonly record struct Head
    {
        public int Status { get; init; }

        /// <summary>Bytes of the body; null: not said.</summary>
        public int? Length { get; init; }

        public bool Chunked { get; init; }

        /// <summary>The server closes the connection after the body.</summary>
        public bool Close { get; init; }
    }
}
