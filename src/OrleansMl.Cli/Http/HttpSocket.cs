using System.Net.Security;
using System.Net.Sockets;

namespace OrleansMl.Cli.Http;

/// <summary>A blocking connection to a server, with TLS where its address says so; opened when it is needed, and again after it was closed.</summary>
/// <param name="server">Address.</param>
/// <param name="patience">Longest wait for one write or read.</param>
internal sealed class HttpSocket(Uri server, TimeSpan patience) : IDisposable
{
    private readonly Lock _gate = new();
    private Socket? _socket;
    private Stream? _secure;
    private bool _abandoned;

    /// <summary>Connects, unless it is connected.</summary>
    public void Open()
    {
        if (_socket is not null)
            return;
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_abandoned, this);
            _socket = socket;
        }

        var timeout = (int)patience.TotalMilliseconds;
        (socket.SendTimeout, socket.ReceiveTimeout) = (timeout, timeout);
        socket.Connect(server.IdnHost, server.Port);
        if (server.Scheme != Uri.UriSchemeHttps)
            return;
        var secure = new SslStream(new NetworkStream(socket, ownsSocket: false));
        secure.AuthenticateAsClient(server.IdnHost);
        _secure = secure;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (_secure is not null)
        {
            _secure.Write(bytes);
            return;
        }

        while (bytes.Length > 0)
            bytes = bytes[_socket!.Send(bytes)..];
    }

    /// <summary>Reads what is there, at least one byte; 0 at the end.</summary>
    public int Read(Span<byte> into) => _secure is not null ? _secure.Read(into) : _socket!.Receive(into);

    public void Close()
    {
        lock (_gate)
        {
            _secure?.Dispose();
            _socket?.Dispose();
            (_secure, _socket) = (null, null);
        }
    }

    /// <summary>Ends a call that is under way in another thread, and all later ones.</summary>
    public void Abandon()
    {
        lock (_gate)
        {
            _abandoned = true;
            _socket?.Dispose();
        }
    }

    public void Dispose() => Close();
}
