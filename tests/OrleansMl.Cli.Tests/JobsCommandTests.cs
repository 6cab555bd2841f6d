using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Output;

namespace OrleansMl.Cli.Tests;

public sealed class JobsCommandTests
{
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();

    [Fact]
    public async Task A_job_that_has_ended_is_deleted_by_its_id()
    {
        await using var server = await FakeServer.StartAsync(_ => new FakeAnswer(200, """{"id":"j1","state":"succeeded"}"""));
        Assert.Equal(ExitCode.Done, await RunAsync(server, "jobs", "delete", "j 1"));

        var call = Assert.Single(server.Calls);
        Assert.Equal(("DELETE", "/api/v1/jobs/j%201", 0), (call.Method, call.Path, call.Body.Length));
        Assert.Equal("job j 1 is deleted", _out.ToString().Trim());
    }

    [Theory]
    [InlineData(409, "not_final", "Job 'j1' is running; cancel it first.")]
    [InlineData(404, "unknown_job", "There is no job 'j1'.")]
    public async Task One_that_is_not_deleted_says_why_and_exits_1(int status, string code, string detail)
    {
        await using var server = await FakeServer.StartAsync(_ => new FakeAnswer(status, $$"""{"type":"about:blank","title":"refused","status":{{status}},"detail":"{{detail}}","code":"{{code}}"}"""));
        Assert.Equal(ExitCode.Failed, await RunAsync(server, "jobs", "delete", "j1"));
        Assert.Contains(detail, _error.ToString(), StringComparison.Ordinal);
        Assert.Empty(_out.ToString());
    }

    [Fact]
    public async Task Without_an_id_nothing_is_sent()
    {
        await using var server = await FakeServer.StartAsync(_ => new FakeAnswer(500, "{}"));
        Assert.Equal(ExitCode.Invalid, await RunAsync(server, "jobs", "delete"));
        Assert.Empty(server.Calls);
    }

    private Task<int> RunAsync(FakeServer server, params string[] arguments) =>
        new OmlCommandLine(Terminal.Plain(_out, _error), _ => null).RunAsync([.. arguments, "--url", server.Address.ToString()], CancellationToken.None);
}
