using System.Text.Json;
using OrleansMl.Cli.CommandLine;

namespace OrleansMl.Cli.Http;

/// <summary>
/// One keep-alive connection to a server, used by one caller at a time. Buffers are reused, so an answer is good only until
/// the next request. Nothing is retried.
/// </summary>
internal sealed class ApiConnection(Uri server, TimeSpan? patience = null) : IDisposable
{
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(60);

    private readonly HttpWire _wire = new(server, patience ?? DefaultPatience);

    public Uri Server { get; } = server;

    /// <summary>Sends a request and reads the whole answer.</summary>
    /// <param name="method">Method.</param>
    /// <param name="path">Path and query, with what the server's own address has before them.</param>
    /// <param name="body">Body; GET sends none.</param>
    /// <param name="headers">Content type and sizes of the body; null: JSON.</param>
    /// <param name="cancellationToken">Closes the connection.</param>
    /// <exception cref="HttpRequestException">The connection failed.</exception>
    /// <exception cref="TimeoutException">No answer in time.</exception>
    public ApiAnswer Send(HttpMethod method, string path, ReadOnlyMemory<byte> body, BodyHeaders? headers, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var registration = cancellationToken.UnsafeRegister(static wire => ((HttpWire)wire!).Abandon(), _wire);
        try
        {
            return _wire.Exchange(method, path, body.Span, headers);
        }
        catch (HttpRequestException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    /// <summary>GET.</summary>
    public ApiAnswer Get(string path, CancellationToken cancellationToken) => Send(HttpMethod.Get, Resolve(path), default, null, cancellationToken);

    /// <summary>POST.</summary>
    public ApiAnswer Post(string path, ReadOnlyMemory<byte> body, BodyHeaders? headers, CancellationToken cancellationToken) =>
        Send(HttpMethod.Post, Resolve(path), body, headers, cancellationToken);

    /// <summary>The path as the request line has it, below the path of the server's own address.</summary>
    public string Resolve(string path) => Server.AbsolutePath.TrimEnd('/') + path;

    /// <summary>GET of what a command shows: the JSON of the answer.</summary>
    /// <exception cref="CommandException">The server does not answer, or refuses.</exception>
    public JsonElement GetJson(string path, CancellationToken cancellationToken) => JsonOf(Reach(() => Get(path, cancellationToken)));

    /// <summary>POST of a JSON body, for its answer.</summary>
    /// <exception cref="CommandException">The server does not answer, or refuses.</exception>
    public JsonElement PostJson(string path, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => JsonOf(Reach(() => Post(path, body, null, cancellationToken)));

    /// <summary>Sends a request of a command that cannot go on without the server.</summary>
    /// <exception cref="CommandException">The server does not answer.</exception>
    public ApiAnswer Reach(Func<ApiAnswer> request)
    {
        try
        {
            return request();
        }
        catch (Exception fault) when (fault is HttpRequestException or TimeoutException)
        {
            throw CommandException.Failed($"{Server} does not answer ({fault.Message.TrimEnd('.')}). Start a server with 'up', or name another with --url URL.");
        }
    }

    public void Dispose() => _wire.Dispose();

    private static JsonElement JsonOf(ApiAnswer answer)
    {
        if (!answer.IsSuccess)
            throw CommandException.Failed(answer.Fault);
        using var document = JsonDocument.Parse(answer.Body);
        return document.RootElement.Clone();
    }
}
