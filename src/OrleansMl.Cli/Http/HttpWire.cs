using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace OrleansMl.Cli.Http;

/// <summary>
/// One keep-alive HTTP/1.1 connection on a blocking socket (RFC 9112). A replay has exactly one request in flight, so a
/// blocking call costs two system calls and no change of thread, a fifth of what the general client costs; and a request
/// is never sent again behind the caller's back, which would hide failures from a replay's count.
/// </summary>
internal sealed class HttpWire : IDisposable
{
    private const int MaxHeadBytes = 64 * 1024;

    private readonly Uri _server;
    private readonly TimeSpan _patience;
    private readonly byte[] _hostHeader;
    private readonly Lock _socketLock = new();
    private Socket? _socket;
    private Stream? _secure;
    private byte[] _request = new byte[16 * 1024];
    private byte[] _received = new byte[16 * 1024];
    private byte[] _body = new byte[16 * 1024];
    private int _start;
    private int _end;
    private bool _abandoned;

    public HttpWire(Uri server, TimeSpan patience)
    {
        (_server, _patience) = (server, patience);
        _hostHeader = Encoding.ASCII.GetBytes($" HTTP/1.1\r\nHost: {server.IdnHost}:{server.Port.ToString(CultureInfo.InvariantCulture)}\r\n");
    }

    /// <summary>Sends a request and reads the whole answer; its body is good until the next call.</summary>
    /// <exception cref="HttpRequestException">The connection failed, or the answer is not HTTP/1.1.</exception>
    /// <exception cref="TimeoutException">The answer did not come in time.</exception>
    public ApiAnswer Exchange(HttpMethod method, string target, ReadOnlySpan<byte> body, BodyHeaders? headers)
    {
        try
        {
            Connect();
            Send(method, target, body, headers);
            return Receive();
        }
        catch (Exception fault)
        {
            // What is left on the connection belongs to no request.
            Drop();
            throw fault switch
            {
                SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock } or IOException { InnerException: SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock } } =>
                    new TimeoutException($"{_server} gave no answer to {method} {target} within {_patience.TotalSeconds:0} seconds.", fault),
                SocketException or IOException or ObjectDisposedException or System.Security.Authentication.AuthenticationException =>
                    new HttpRequestException(fault.Message, fault),
                _ => fault,
            };
        }
    }

    /// <summary>Ends a call that is under way in another thread, and all later ones.</summary>
    public void Abandon()
    {
        lock (_socketLock)
        {
            _abandoned = true;
            _socket?.Dispose();
        }
    }

    public void Dispose() => Drop();

    private void Connect()
    {
        if (_socket is not null)
            return;
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        lock (_socketLock)
        {
            ObjectDisposedException.ThrowIf(_abandoned, this);
            _socket = socket;
        }

        var timeout = (int)_patience.TotalMilliseconds;
        (socket.SendTimeout, socket.ReceiveTimeout) = (timeout, timeout);
        socket.Connect(_server.IdnHost, _server.Port);
        if (_server.Scheme != Uri.UriSchemeHttps)
            return;
        var secure = new SslStream(new NetworkStream(socket, ownsSocket: false));
        secure.AuthenticateAsClient(_server.IdnHost);
        _secure = secure;
    }

    private void Drop()
    {
        lock (_socketLock)
        {
            _secure?.Dispose();
            _socket?.Dispose();
            (_secure, _socket, _start, _end) = (null, null, 0, 0);
        }
    }

    private void Send(HttpMethod method, string target, ReadOnlySpan<byte> body, BodyHeaders? headers)
    {
        var length = 0;
        Append(ref length, method.Method);
        Append(ref length, " ");
        Append(ref length, target);
        Append(ref length, _hostHeader);
        if (method != HttpMethod.Get)
        {
            headers ??= BodyHeaders.Json;
            Append(ref length, "Content-Type: ");
            Append(ref length, headers.ContentType);
            if (headers.InferenceHeaderLength is { } inference)
            {
                Append(ref length, "\r\nInference-Header-Content-Length: ");
                Append(ref length, inference.ToString(CultureInfo.InvariantCulture));
            }

            Append(ref length, "\r\nContent-Length: ");
            Append(ref length, body.Length.ToString(CultureInfo.InvariantCulture));
            Append(ref length, "\r\n");
        }

        Append(ref length, "\r\n");
        Append(ref length, body);
        var request = _request.AsSpan(0, length);
        if (_secure is not null)
        {
            _secure.Write(request);
            return;
        }

        while (request.Length > 0)
            request = request[_socket!.Send(request)..];
    }

    private ApiAnswer Receive()
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
        if (head.Close || head is { Chunked: false, Length: null, Status: not (204 or 304) })
            Drop();
        return new((HttpStatusCode)head.Status, _body.AsMemory(0, length));
    }

    private Head ReadHead()
    {
        var line = ReadLine();
        if (line.Length < 12 || !line.StartsWith("HTTP/1."u8) || !Utf8Parser.TryParse(line.Slice(9, 3), out int status, out var digits) || digits != 3)
            throw new HttpRequestException($"{_server} does not answer in HTTP/1.1.");
        var head = new Head { Status = status, Close = line[7] == (byte)'0' };
        var bytes = line.Length;
        while ((line = ReadLine()).Length > 0)
        {
            if ((bytes += line.Length) > MaxHeadBytes)
                throw new HttpRequestException($"{_server} sends more than {MaxHeadBytes} bytes of headers.");
            var colon = line.IndexOf((byte)':');
            if (colon <= 0)
                throw new HttpRequestException($"{_server} sends a header without a colon.");
            var value = line[(colon + 1)..].Trim(" \t"u8);
            switch (colon)
            {
                case 14 when Ascii.EqualsIgnoreCase(line[..colon], "content-length"u8):
                    if (!Utf8Parser.TryParse(value, out int known, out var used) || used != value.Length || known < 0)
                        throw new HttpRequestException($"{_server} sends the Content-Length '{Encoding.ASCII.GetString(value)}'.");
                    head = head with { Length = known };
                    break;
                case 17 when Ascii.EqualsIgnoreCase(line[..colon], "transfer-encoding"u8):
                    head = head with { Chunked = Ascii.EqualsIgnoreCase(value, "chunked"u8) ? true : throw new HttpRequestException($"{_server} sends the Transfer-Encoding '{Encoding.ASCII.GetString(value)}'.") };
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
                throw new HttpRequestException($"{_server} sends a chunk without a size.");
            if (length == 0)
                break;
            total = ReadInto(total, length);
            if (ReadLine().Length != 0)
                throw new HttpRequestException($"{_server} sends a chunk longer than its size.");
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
                throw new HttpRequestException($"{_server} sends a line of more than {MaxHeadBytes} bytes.");
            Fill();
        }
    }

    private void Fill()
    {
        if (!TryFill())
            throw new HttpRequestException($"{_server} closed the connection before the end of its answer.");
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
        var read = _secure is not null ? _secure.Read(free) : _socket!.Receive(free);
        _end += read;
        return read > 0;
    }

    private void Append(ref int length, string ascii)
    {
        Reserve(length + ascii.Length);
        length += Encoding.ASCII.GetBytes(ascii, _request.AsSpan(length));
    }

    private void Append(ref int length, ReadOnlySpan<byte> bytes)
    {
        Reserve(length + bytes.Length);
        bytes.CopyTo(_request.AsSpan(length));
        length += bytes.Length;
    }

    private void Reserve(int length)
    {
        if (length > _request.Length)
            Array.Resize(ref _request, Math.Max(length, 2 * _request.Length));
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
