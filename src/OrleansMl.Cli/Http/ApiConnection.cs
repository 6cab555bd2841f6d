using System.Net;
using OrleansMl.Cli.CommandLine;

namespace OrleansMl.Cli.Http;

/// <summary>
/// One keep-alive HTTP/1.1 connection to a server, used by one caller at a time. Buffers are reused, so an answer is
/// good only until the next request. Nothing is retried.
/// </summary>
internal sealed class ApiConnection : IDisposable
{
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(60);

    private readonly HttpMessageInvoker _invoker;
    private readonly ReusableContent _content = new();
    private readonly TimeSpan _patience;
    private byte[] _answer = new byte[16 * 1024];
    private CancellationTokenSource _timeout = new();

    public ApiConnection(Uri server, TimeSpan? patience = null)
    {
        Server = server;
        _patience = patience ?? DefaultPatience;
        _invoker = new(new SocketsHttpHandler
        {
            ActivityHeadersPropagator = null,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            MaxConnectionsPerServer = 1,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
            UseCookies = false,
            UseProxy = false,
        });
    }

    public Uri Server { get; }

    /// <summary>Sends a request and reads the whole answer.</summary>
    /// <param name="method">Method.</param>
    /// <param name="path">Path and query.</param>
    /// <param name="body">Body; empty: none for GET, an empty one for POST.</param>
    /// <param name="headers">Content type and sizes of the body; null: JSON.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="HttpRequestException">The connection failed.</exception>
    /// <exception cref="TimeoutException">No answer in time.</exception>
    public async Task<ApiAnswer> SendAsync(HttpMethod method, Uri path, ReadOnlyMemory<byte> body, BodyHeaders? headers, CancellationToken cancellationToken)
    {
        if (!_timeout.TryReset())
        {
            _timeout.Dispose();
            _timeout = new();
        }

        _timeout.CancelAfter(_patience);
        using var outer = cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _timeout);
        using var request = new HttpRequestMessage(method, path);
        if (method != HttpMethod.Get)
        {
            _content.Set(body, headers ?? BodyHeaders.Json);
            request.Content = _content;
        }

        try
        {
            using var response = await _invoker.SendAsync(request, _timeout.Token).ConfigureAwait(false);
            request.Content = null; // it is used again, and must not be disposed with the request
            var stream = await response.Content.ReadAsStreamAsync(_timeout.Token).ConfigureAwait(false);
            var length = 0;
            while (true)
            {
                if (length == _answer.Length)
                    Array.Resize(ref _answer, 2 * length);
                var read = await stream.ReadAsync(_answer.AsMemory(length), _timeout.Token).ConfigureAwait(false);
                if (read == 0)
                    return new(response.StatusCode, _answer.AsMemory(0, length));
                length += read;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{Server} gave no answer to {method} {path.PathAndQuery} within {_patience.TotalSeconds:0} seconds.");
        }
        catch (IOException fault)
        {
            throw new HttpRequestException(fault.Message, fault);
        }
        finally
        {
            request.Content = null;
        }
    }

    /// <summary>GET; null body.</summary>
    public Task<ApiAnswer> GetAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, Resolve(path), default, null, cancellationToken);

    /// <summary>Absolute address of a path on this server.</summary>
    public Uri Resolve(string path) => new(Server, path);

    /// <summary>What to say when a server cannot be reached.</summary>
    public CommandException Unreachable(Exception fault) =>
        CommandException.Failed($"{Server} does not answer ({fault.Message.TrimEnd('.')}). Start a server with 'up', or name another with --url URL.");

    public void Dispose()
    {
        _invoker.Dispose();
        _content.Dispose();
        _timeout.Dispose();
    }

    private sealed class ReusableContent : HttpContent
    {
        private ReadOnlyMemory<byte> _body;
        private BodyHeaders? _headers;

        public void Set(ReadOnlyMemory<byte> body, BodyHeaders headers)
        {
            _body = body;
            if (!ReferenceEquals(_headers, headers))
            {
                Headers.Clear();
                Headers.TryAddWithoutValidation("Content-Type", headers.ContentType);
                if (headers.InferenceHeaderLength is { } inference)
                    Headers.TryAddWithoutValidation("Inference-Header-Content-Length", inference.ToString(System.Globalization.CultureInfo.InvariantCulture));
                _headers = headers;
            }

            Headers.ContentLength = body.Length;
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(_body).AsTask();

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            stream.WriteAsync(_body, cancellationToken).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = _body.Length;
            return true;
        }
    }
}
