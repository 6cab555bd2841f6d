using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrleansMl.Benchmarks.Infer;

/// <summary>
/// One kept connection that sends the same request again and again. Requests may be sent before earlier ones are answered:
/// the answers come in their order. Never blocks.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    /// <summary>More on their way would only say that the server does not keep up.</summary>
    private const int MostInFlight = 4096;

    private readonly Socket _socket;
    private readonly byte[] _request;
    private readonly byte[] _received = new byte[1 << 17];
    private readonly long[] _due = new long[MostInFlight];
    private int _first;
    private int _start;
    private int _end;
    private long _unsent;

    public HttpConnection(Uri server, byte[] request)
    {
        _request = request;
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _socket.Connect(IPAddress.Parse(server.Host), server.Port);
        _socket.Blocking = false;
    }

    public int Descriptor => (int)_socket.SafeHandle.DangerousGetHandle();

    /// <summary>Requests without an answer.</summary>
    public int InFlight { get; private set; }

    /// <summary>The socket did not take all of the requests.</summary>
    public bool HasUnsent => _unsent > 0;

    /// <summary>Sends the request once more.</summary>
    /// <param name="due">When it should be sent: its time counts from there.</param>
    public void Send(long due)
    {
        if (InFlight == MostInFlight)
            throw new InvalidOperationException($"{MostInFlight} requests of one connection are without an answer: the server does not keep up.");
        _due[(_first + InFlight++) % MostInFlight] = due;
        _unsent += _request.Length;
        SendOn();
    }

    /// <summary>Sends what the socket did not take before.</summary>
    public void SendOn()
    {
        while (_unsent > 0)
        {
            // All requests are alike, so what is unsent ends with whole ones.
            var rest = (int)(_unsent % _request.Length);
            var sent = _socket.Send(_request.AsSpan(rest == 0 ? 0 : _request.Length - rest), SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock)
                return;
            if (error != SocketError.Success)
                throw new SocketException((int)error);
            _unsent -= sent;
        }
    }

    /// <summary>Takes in what has come.</summary>
    public void Receive()
    {
        if (_start == _end)
            (_start, _end) = (0, 0);
        if (_end == _received.Length)
        {
            if (_start == 0)
                throw new InvalidDataException($"An answer has more than {_received.Length} bytes.");
            _received.AsSpan(_start, _end - _start).CopyTo(_received);
            (_start, _end) = (0, _end - _start);
        }

        var count = _socket.Receive(_received.AsSpan(_end), SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock)
            return;
        if (error != SocketError.Success)
            throw new SocketException((int)error);
        if (count == 0)
            throw new IOException("The server closed a connection.");
        _end += count;
    }

    /// <summary>Takes the next answer out of what has come; false: none is whole.</summary>
    /// <param name="due">When its request should have been sent.</param>
    /// <param name="status">Status of the answer.</param>
    /// <param name="answer">All of it, until <see cref="Receive"/> is called again.</param>
    public bool TryTake(out long due, out int status, out ReadOnlySpan<byte> answer)
    {
        due = 0;
        answer = default;
        if (!HttpAnswer.TryRead(_received.AsSpan(_start, _end - _start), out status, out var length))
            return false;
        due = _due[_first];
        _first = (_first + 1) % MostInFlight;
        InFlight--;
        answer = _received.AsSpan(_start, length);
        _start += length;
        return true;
    }

    /// <summary>A request as it goes over the wire.</summary>
    /// <param name="server">Where to.</param>
    /// <param name="path">With its slash.</param>
    /// <param name="body">JSON, perhaps with bytes behind it.</param>
    /// <param name="json">How many of the bytes are JSON; null: all, and it is not said.</param>
    public static byte[] Post(Uri server, string path, ReadOnlySpan<byte> body, int? json = null)
    {
        var type = json is null ? "application/json" : $"application/octet-stream\r\nInference-Header-Content-Length: {json}";
        return [.. Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: {server.Authority}\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n\r\n"), .. body];
    }

    public void Dispose() => _socket.Dispose();
}
