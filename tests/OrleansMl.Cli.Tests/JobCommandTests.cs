using System.Text.Json;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Output;

namespace OrleansMl.Cli.Tests;

/// <summary>What the commands that make jobs ask for, and how they follow them.</summary>
public sealed class JobCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("retrain churn", """{"kind":"retrain","model":"churn","params":{}}""")]
    [InlineData("retrain churn --register --window 2026-01-01T00:00:00Z.. --dataset d7 --seed 3", """{"kind":"retrain","model":"churn","params":{"promote":"register"},"window":{"from":"2026-01-01T00:00:00Z"},"dataset":"d7","seed":3}""")]
    [InlineData("""retrain churn --trainer {"type":"gbt"} --params {"threads":2} --window 30d""", """{"kind":"retrain","model":"churn","params":{"threads":2},"trainer":{"type":"gbt"},"window":{"last":"30d"}}""")]
    [InlineData("evaluate churn", """{"kind":"evaluate","model":"churn","params":{}}""")]
    [InlineData("evaluate churn --version 3 --label y --data d7 --rescore --to 2026-02-01T00:00:00Z", """{"kind":"evaluate","model":"churn","params":{"versions":["3"],"rescore":true,"label":"y"},"dataset":"d7","window":{"to":"2026-02-01T00:00:00Z"}}""")]
    [InlineData("score FILE --model churn", """{"kind":"batchPredict","model":"churn","params":{},"dataset":"d1"}""")]
    [InlineData("score FILE --model churn --version 3", """{"kind":"batchPredict","model":"churn","params":{},"dataset":"d1","version":"3"}""")]
    [InlineData("score FILE --model churn --version champion --format ndjson --entity-column id --keep a,b --fail-on-error", """{"kind":"batchPredict","model":"churn","params":{"format":"ndjson","entityColumn":"id","keep":["a","b"],"onError":"fail"},"dataset":"d1","alias":"champion"}""")]
    public async Task A_command_asks_of_a_job_what_was_given_and_leaves_the_rest_to_the_server(string line, string expected)
    {
        await using var server = await FakeServer.StartAsync(call => call.Path.StartsWith("/api/v1/datasets", StringComparison.Ordinal)
            ? new FakeAnswer(202, Job("dataset", "succeeded", """{"dataset":"d1"}"""))
            : new FakeAnswer(503, "{}"));
        var file = _folder.Write("rows.csv", "a,b\n1,2\n");
        Assert.Equal(ExitCode.Failed, await RunAsync([.. line.Split(' ').Select(word => word == "FILE" ? file : word), "--url", server.Address.ToString()]));
        var sent = server.Calls.Single(call => call.Path == "/api/v1/jobs").Json;
        Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(expected).RootElement, sent), sent.GetRawText());
    }

    [Fact]
    public async Task A_retraining_that_is_waited_for_tells_what_became_of_it_and_one_that_has_failed_exits_1()
    {
        var state = "succeeded";
        await using var server = await FakeServer.StartAsync(call => new FakeAnswer(200, Job("retrain", call.Method == "POST" ? "queued" : state,
            """{"warnings":["few rows"],"results":[],"decision":"rejected","reason":"it is not better than version 1","version":"2","rows":300}""")));
        string[] line = ["retrain", "churn", "--wait", "--url", server.Address.ToString()];
        Assert.Equal(ExitCode.Rejected, await RunAsync(line));
        Assert.Contains("version 2, of 300 rows: rejected, it is not better than version 1", _out.ToString(), StringComparison.Ordinal);
        Assert.Contains("see it with: jobs show j1", _error.ToString(), StringComparison.Ordinal);
        state = "failed";
        Assert.Equal(ExitCode.Failed, await RunAsync(line));
        Assert.Contains("Job j1 has failed: the log has too few rows", _error.ToString(), StringComparison.Ordinal);
    }

    private static string Job(string kind, string state, string result) => $$"""
        {"id":"j1","kind":"{{kind}}","model":"churn","state":"{{state}}","step":null,"attempt":1,"progress":1,"etaSeconds":null,"metrics":null,
         "result":{{(state == "succeeded" ? result : "null")}},"error":{{(state == "failed" ? """{"code":"too_few_rows","detail":"the log has too few rows","errors":[]}""" : "null")}},"created":"2026-01-02T03:04:05Z"}
        """;

    private Task<int> RunAsync(string[] arguments) => new OmlCommandLine(Terminal.Plain(_out, _error), _ => null).RunAsync(arguments, CancellationToken.None);
}
