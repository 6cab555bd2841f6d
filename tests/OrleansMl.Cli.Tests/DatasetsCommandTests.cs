using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Output;

namespace OrleansMl.Cli.Tests;

public sealed class DatasetsCommandTests
{
    private const string Page = """
        {"items":[
          {"id":"d2","kind":"retrain","model":"fraud","name":null,"rows":1200,"bytes":40960,"created":"2026-01-02T03:04:05Z","versions":[{"model":"fraud","version":"3"},{"model":"fraud","version":"4"}]},
          {"id":"d1","kind":null,"model":null,"name":"rows.csv","rows":7,"bytes":99,"created":"2026-01-01T00:00:00Z","versions":[]}],
         "nextPageToken":null}
        """;

    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();

    [Fact]
    public async Task Data_sets_are_listed_with_the_versions_that_were_learned_from_them()
    {
        await using var server = await FakeServer.StartAsync(_ => new FakeAnswer(200, Page));
        Assert.Equal(ExitCode.Done, await RunAsync(server, "datasets"));

        var call = Assert.Single(server.Calls);
        Assert.Equal(("GET", "/api/v1/datasets?limit=20"), (call.Method, call.Path));
        var lines = _out.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Matches(@"^data set +kind +model +name +rows +bytes +created +versions", lines[0]);
        Assert.Matches(@"^d2 +retrain +fraud +- +1200 +40960 +2026-01-02T03:04:05Z +fraud/3 fraud/4\s*$", lines[^2]);
        Assert.Matches(@"^d1 +- +- +rows\.csv +7 +99 +2026-01-01T00:00:00Z +-\s*$", lines[^1]);
    }

    [Fact]
    public async Task A_list_is_narrowed_by_kind_and_model_whatever_characters_they_have()
    {
        await using var server = await FakeServer.StartAsync(_ => new FakeAnswer(200, """{"items":[],"nextPageToken":null}"""));
        Assert.Equal(ExitCode.Done, await RunAsync(server, "datasets", "--kind", "file", "--model", "a&b", "--limit", "5"));
        Assert.Equal("/api/v1/datasets?limit=5&kind=file&model=a%26b", Assert.Single(server.Calls).Path);
    }

    [Theory]
    [InlineData(new[] { "datasets", "delete", "d1" }, "/api/v1/datasets/d1")]
    [InlineData(new[] { "datasets", "delete", "d1", "--force" }, "/api/v1/datasets/d1?force=true")]
    public async Task A_data_set_is_deleted_and_said_how_large_it_was(string[] line, string path)
    {
        await using var server = await FakeServer.StartAsync(_ => new FakeAnswer(200, """{"id":"d1","rows":7,"bytes":99,"versions":[]}"""));
        Assert.Equal(ExitCode.Done, await RunAsync(server, line));

        var call = Assert.Single(server.Calls);
        Assert.Equal(("DELETE", path), (call.Method, call.Path));
        Assert.Equal("data set d1 is deleted (7 rows, 99 bytes)", _out.ToString().Trim());
    }

    [Fact]
    public async Task One_that_a_version_was_learned_from_stays_and_the_reason_is_said()
    {
        await using var server = await FakeServer.StartAsync(_ => new FakeAnswer(409, """{"type":"about:blank","title":"in use","status":409,"detail":"Data set 'd1' is what version 3 of model 'fraud' was learned from; say force.","code":"in_use"}"""));
        Assert.Equal(ExitCode.Failed, await RunAsync(server, "datasets", "delete", "d1"));
        Assert.Contains("version 3 of model 'fraud'", _error.ToString(), StringComparison.Ordinal);
        Assert.Empty(_out.ToString());
    }

    [Theory]
    [InlineData("datasets delete", "argument missing for command: 'delete'")]
    [InlineData("datasets --limit 0", "--limit")]
    public async Task What_is_wrong_is_refused_before_anything_is_sent(string line, string words)
    {
        await using var server = await FakeServer.StartAsync(_ => new FakeAnswer(500, "{}"));
        Assert.Equal(ExitCode.Invalid, await RunAsync(server, line.Split(' ')));
        Assert.Contains(words, _error.ToString() + _out, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(server.Calls);
    }

    private Task<int> RunAsync(FakeServer server, params string[] arguments) =>
        new OmlCommandLine(Terminal.Plain(_out, _error), _ => null).RunAsync([.. arguments, "--url", server.Address.ToString()], CancellationToken.None);
}
