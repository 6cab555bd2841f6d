using System.Net;
using System.Net.Sockets;
using System.Text;
using OrleansMl.Cli.Http;

namespace OrleansMl.Cli.Tests;

public class ApiConnectionTests
{
    [Fact]
    public async Task Answers_of_every_framing_are_read_and_the_connection_is_kept()
    {
        using var server = new ScriptedServer(
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\ntransfer-encoding: Chunked\r\n\r\n3;x=1\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n",
            "HTTP/1.1 204 No Content\r\n\r\n",
            "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
        using var connection = new ApiConnection(server.Address);
        Assert.Equal((200, "abc"), Get(connection));
        Assert.Equal((201, "abc0123456789"), Get(connection));
        Assert.Equal((204, ""), Get(connection));
        Assert.Equal((503, ""), Get(connection));
        Assert.Equal(1, server.Connections);
        await server.Done;
    }

    [Fact]
    public void A_connection_that_the_server_closes_in_order_is_opened_again()
    {
        using var server = new ScriptedServer("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na", "HTTP/1.1 200 OK\r\n\r\nto the end", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb");
        using var connection = new ApiConnection(server.Address);
        Assert.Equal((200, "a"), Get(connection));
        Assert.Equal((200, "to the end"), Get(connection));
        Assert.Equal((200, "b"), Get(connection));
        Assert.Equal(3, server.Connections);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le")]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nabc")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    public void A_broken_answer_is_a_failure_and_is_not_asked_for_again(string answer)
    {
        using var server = new ScriptedServer(answer, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb");
        using var connection = new ApiConnection(server.Address);
        Assert.Throws<HttpRequestException>(() => Get(connection));
        Assert.Equal(1, server.Connections);
        Assert.Equal((200, "b"), Get(connection));
    }

    [Fact]
    public void Silence_is_a_timeout()
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        silent.Listen();
        using var connection = new ApiConnection(new Uri($"http://{silent.LocalEndPoint}"), TimeSpan.FromMilliseconds(100));
        Assert.Throws<TimeoutException>(() => Get(connection));
    }

    [Fact]
    public async Task Cancelling_ends_a_call_that_waits()
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        silent.Listen();
        using var connection = new ApiConnection(new Uri($"http://{silent.LocalEndPoint}"), TimeSpan.FromSeconds(60));
        using var cancellation = new CancellationTokenSource();
        var call = Task.Run(() => connection.Get("/", cancellation.Token));
        using (var accepted = await silent.AcceptAsync())
        {
            Assert.True(await accepted.ReceiveAsync(new byte[1]) > 0); // the request is out
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(TimeSpan.FromSeconds(30)));
        }
    }

    [Fact]
    public async Task A_large_body_arrives_whole_under_the_path_of_the_server()
    {
        await using var server = await FakeServer.StartAsync(call => new FakeAnswer(200, new string('x', call.Body.Length)));
        using var connection = new ApiConnection(new Uri(server.Address, "/below/"));
        var answer = connection.Post("/a?b=c", new byte[3_000_000], BodyHeaders.Yaml, CancellationToken.None);
        Assert.Equal(3_000_000, answer.Body.Length);
        Assert.Equal("/below/a?b=c", server.Calls.Single().Path);
    }

    private static (int Status, string Body) Get(ApiConnection connection)
    {
        var answer = connection.Get("/", CancellationToken.None);
        return ((int)answer.Status, Encoding.UTF8.GetString(answer.Body.Span));
    }

    /// <summary>Answers the requests with these texts, one each; closes where the text says so, or lacks a framing, or is broken.</summary>
    private sealed class ScriptedServer : IDisposable
    {
        private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        private int _connections;

        public ScriptedServer(params string[] answers)
        {
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen();
            Done = ServeAsync(answers);
        }

        public Task Done { get; }

        public Uri Address => new($"http://{_listener.LocalEndPoint}");

        public int Connections => Volatile.Read(ref _connections);

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync(string[] answers)
        {
            Socket? socket = null;
            var buffer = new byte[4096];
            foreach (var answer in answers)
            {
                if (socket is null)
                {
                    socket = await _listener.AcceptAsync();
                    Interlocked.Increment(ref _connections);
                }

                var request = new StringBuilder();
                while (!request.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
                {
                    var read = await socket.ReceiveAsync(buffer);
                    if (read == 0)
                        break;
                    request.Append(Encoding.ASCII.GetString(buffer, 0, read));
                }

                await socket.SendAsync(Encoding.ASCII.GetBytes(answer));
                if (answer.Contains("Connection: close", StringComparison.Ordinal) || !answer.Contains("\r\n\r\n", StringComparison.Ordinal) || answer.EndsWith("to the end", StringComparison.Ordinal) || answer.Contains("-1", StringComparison.Ordinal) || answer.EndsWith("zz\r\n", StringComparison.Ordinal))
                {
                    socket.Dispose();
                    socket = null;
                }
            }

            socket?.Dispose();
        }
    }
}
