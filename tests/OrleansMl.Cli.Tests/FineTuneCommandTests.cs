using System.Text.Json;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Output;

namespace OrleansMl.Cli.Tests;

public sealed class FineTuneCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("registered", "it is better than version 1", ExitCode.Done)]
    [InlineData("promoted", "fine-tuning j1: its loss is lower", ExitCode.Done)]
    [InlineData("rejected", "it is not better than version 1", ExitCode.Rejected)]
    public async Task A_fine_tuning_is_followed_to_its_end_and_ends_by_what_became_of_the_version(string decision, string reason, int code)
    {
        await using var server = await FakeServer.StartAsync(call => call.Path.StartsWith("/api/v1/datasets", StringComparison.Ordinal)
            ? new FakeAnswer(202, Job("dataset", "succeeded", $$"""{"dataset":"{{(call.Text.StartsWith("old", StringComparison.Ordinal) ? "d2" : "d1")}}"}"""))
            : new FakeAnswer(200, Job("finetune", call.Method == "POST" ? "queued" : "succeeded", $$"""
                {"decision":"{{decision}}","reason":"{{reason}}","version":"2","parent":"1","rows":300,
                 "heldOut":{"rows":60,"base":{"accuracy":0.5,"logLoss":1.25},"new":{"accuracy":0.9,"logLoss":0.25} },
                 "heldOutBefore":{"rows":40,"base":{"accuracy":0.75,"logLoss":0.5},"new":{"accuracy":0.7,"logLoss":0.625} } }
                """)));
        var (fresh, old) = (_folder.Write("fresh.csv", "fresh\n"), _folder.Write("old.csv", "old\n"));
        Assert.Equal(code, await RunAsync("finetune", "digits", "--dataset", fresh, "--rehearsal", old, "--version", "1", "--params", """{"epochs": 2}""", "--promote", "--seed", "7", "--wait", "--url", server.Address.ToString()));

        var sent = server.Calls.Single(call => call.Path == "/api/v1/jobs").Text;
        using var body = JsonDocument.Parse(sent);
        Assert.Equal(("finetune", "digits", "1", "d1", 7), (Text("kind"), Text("model"), Text("version"), Text("dataset"), body.RootElement.GetProperty("seed").GetInt32()));
        Assert.Equal("""{"epochs":2,"promote":"auto","rehearsal":"d2"}""", body.RootElement.GetProperty("params").GetRawText().Replace(" ", "", StringComparison.Ordinal));
        Assert.Matches(@"heldOut +accuracy +0.5000 +0.9000 +60", _out.ToString());
        Assert.Matches(@"heldOutBefore +logLoss +0.5000 +0.6250 +40", _out.ToString());
        Assert.Contains($"version 2, of version 1 and 300 rows: {decision}, {reason}", _out.ToString(), StringComparison.Ordinal);

        string? Text(string member) => body.RootElement.GetProperty(member).GetString();
    }

    [Fact]
    public async Task Without_waiting_the_job_is_named_and_a_failed_one_exits_1()
    {
        await using var server = await FakeServer.StartAsync(call => new FakeAnswer(200, Job("finetune", call.Method == "POST" ? "queued" : "failed", "null", """{"code":"row_failed","detail":"Row 3 (line 4) cannot be learned.","errors":[]}""")));
        Assert.Equal(ExitCode.Done, await RunAsync("finetune", "digits", "--dataset", "d1", "--version", "champion", "--url", server.Address.ToString()));
        Assert.Equal("j1", _out.ToString().Trim());
        Assert.Contains("\"alias\":\"champion\"", Assert.Single(server.Calls).Text, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, await RunAsync("finetune", "digits", "--dataset", "d1", "--wait", "--url", server.Address.ToString()));
        Assert.Contains("Row 3 (line 4) cannot be learned.", _error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("finetune digits", "--dataset")]
    [InlineData("finetune digits --dataset d1 --params [1]", "--params is '[1]'; give a JSON object.")]
    [InlineData("finetune digits --dataset d1 --params {", "--params is no JSON")]
    [InlineData("retrain digits --params [1]", "--params is '[1]'; give a JSON object.")]
    public async Task What_is_wrong_is_refused_before_anything_is_sent(string line, string words)
    {
        await using var server = await FakeServer.StartAsync(_ => new FakeAnswer(500, "{}"));
        Assert.Equal(ExitCode.Invalid, await RunAsync([.. line.Split(' '), "--url", server.Address.ToString()]));
        Assert.Contains(words, _error.ToString(), StringComparison.Ordinal);
        Assert.Empty(server.Calls);
    }

    private static string Job(string kind, string state, string result, string error = "null") => $$"""
        {"id":"j1","kind":"{{kind}}","model":"digits","state":"{{state}}","step":null,"attempt":1,"progress":1,"etaSeconds":null,"metrics":null,
         "result":{{(state == "succeeded" ? result : "null")}},"error":{{(state == "failed" ? error : "null")}},"created":"2026-01-02T03:04:05Z"}
        """;

    private Task<int> RunAsync(params string[] arguments) => new OmlCommandLine(Terminal.Plain(_out, _error), _ => null).RunAsync(arguments, CancellationToken.None);
}
