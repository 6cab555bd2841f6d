using System.Diagnostics;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Server;

namespace OrleansMl.Cli.Tests;

public sealed class ServerProcessTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ready http=127.0.0.1:4242 grpc=- engine=standin data=/x y")]
    [InlineData("ready engine=standin grpc=127.0.0.1:1 data=. http=127.0.0.1:4242")]
    public void The_ready_line_is_read_in_any_order(string line)
    {
        Assert.True(ReadyLine.TryParse(line, out var ready));
        Assert.Equal(new Uri("http://127.0.0.1:4242"), ready.Http);
        Assert.Equal("standin", ready.Engine);
    }

    [Theory]
    [InlineData("ready grpc=-")]
    [InlineData("already http=127.0.0.1:1")]
    [InlineData("")]
    public void Other_lines_are_not_the_ready_line(string line)
    {
        Assert.False(ReadyLine.TryParse(line, out _));
    }

    [SkippableFact]
    public async Task A_ready_server_is_told_to_end_by_SIGTERM_and_its_words_are_logged()
    {
        var start = Shell("trap 'echo told; exit 0' TERM; echo hello >&2; echo 'ready http=127.0.0.1:9 engine=orleans'; while :; do sleep 0.05; done");
        var log = _folder.File("server.log");
        int id;
        await using (var server = await ServerProcess.StartAsync(start, log, Patience, CancellationToken.None))
        {
            id = server.Id;
            Assert.Equal("orleans", server.Ready.Engine);
            Assert.Equal(0, await server.StopAsync());
        }

        Assert.Throws<ArgumentException>(() => Process.GetProcessById(id));
        var lines = await File.ReadAllLinesAsync(log);
        Assert.Contains("hello", lines);
        Assert.Contains("told", lines);
    }

    [SkippableFact]
    public async Task A_server_that_ends_before_it_is_ready_fails_with_its_last_words()
    {
        var start = Shell("echo 'data folder is held by process 77' >&2; exit 1");
        var fault = await Assert.ThrowsAsync<CommandException>(() => ServerProcess.StartAsync(start, _folder.File("server.log"), Patience, CancellationToken.None));
        Assert.Equal(ExitCode.Failed, fault.ExitCode);
        Assert.Contains("held by process 77", fault.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_server_that_is_never_ready_is_ended()
    {
        var start = Shell($"echo $$ > '{_folder.File("pid")}'; while :; do sleep 0.05; done");
        var fault = await Assert.ThrowsAsync<CommandException>(() => ServerProcess.StartAsync(start, _folder.File("server.log"), TimeSpan.FromSeconds(1), CancellationToken.None));
        Assert.Contains("not ready within 1 seconds", fault.Message, StringComparison.Ordinal);
        var id = int.Parse(await File.ReadAllTextAsync(_folder.File("pid")), System.Globalization.CultureInfo.InvariantCulture);
        Assert.Throws<ArgumentException>(() => Process.GetProcessById(id));
    }

    [Fact]
    public async Task The_end_of_standard_input_ends_a_server_only_where_it_is_asked_for()
    {
        using var unasked = new CancellationTokenSource();
        StandardInputWatch.Begin(_ => null, Stream.Null, unasked);
        using var asked = new CancellationTokenSource();
        var ended = new TaskCompletionSource();
        using var registration = asked.Token.Register(() => ended.SetResult());
        StandardInputWatch.Begin(name => name == StandardInputWatch.Variable ? "1" : null, Stream.Null, asked);
        await ended.Task.WaitAsync(Patience);
        Assert.False(unasked.IsCancellationRequested);
    }

    private static ProcessStartInfo Shell(string script)
    {
        Skip.If(OperatingSystem.IsWindows() || !File.Exists("/bin/sh"), "needs a POSIX shell at /bin/sh");
        return new ProcessStartInfo("/bin/sh", ["-c", script]);
    }
}
