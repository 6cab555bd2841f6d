using System.Globalization;
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
    private readonly Uri _server;
    private readonly TimeSpan _patience;
    private readonly byte[] _hostHeader;
    private readonly HttpSocket _socket;
    private readonly HttpAnswerReader _reader;
    private byte[] _request = new byte[16 * 1024];

    public HttpWire(Uri server, TimeSpan patience)
    {
        (_server, _patience) = (server, patience);
        _hostHeader = Encoding.ASCII.GetBytes($" HTTP/1.1\r\nHost: {server.IdnHost}:{server.Port.ToString(CultureInfo.InvariantCulture)}\r\n");
        _socket = new HttpSocket(server, patience);
        _reader = new HttpAnswerReader(server, _socket);
    }

    /// <summary>Sends a request and reads the whole answer; its body is good until the next call.</summary>
    /// <exception cref="HttpRequestException">The connection failed, or the answer is not HTTP/1.1.</exception>
    /// <exception cref="TimeoutException">The answer did not come in time.</exception>
    public ApiAnswer Exchange(HttpMethod method, string target, ReadOnlySpan<byte> body, BodyHeaders? headers)
    {
        try
        {
            _socket.Open();
            Send(method, target, body, headers);
            var answer = _reader.Read(out var closes);
            if (closes)
                Drop();
            return answer;
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
    public void Abandon() => _socket.Abandon();

    public void Dispose() => Drop();

    private void Drop()
    {
        _socket.Close();
        _reader.Clear();
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
        _socket.Write(_request.AsSpan(0, length));
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
}
