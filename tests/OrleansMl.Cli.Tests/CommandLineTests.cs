using System.Text.Json;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Output;

namespace OrleansMl.Cli.Tests;

public sealed class CommandLineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("replay")]
    [InlineData("replay --app a.yaml")]
    [InlineData("replay --app a.yaml --data a.csv --delay 0")]
    [InlineData("replay --app a.yaml --data a.csv --limit x")]
    [InlineData("replay --app a.yaml --data a.csv --url ftp://host")]
    [InlineData("up --http 70000")]
    [InlineData("up --nonsense")]
    [InlineData("no-such-command")]
    [InlineData("apply")]
    public async Task Wrong_usage_exits_2_and_points_to_the_help(string line)
    {
        Assert.Equal(ExitCode.Invalid, await RunAsync(line.Split(' ')));
        Assert.Contains("--help", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal("", _out.ToString());
    }

    [Fact]
    public async Task Help_names_the_commands_and_exits_0()
    {
        Assert.Equal(ExitCode.Done, await RunAsync("--help"));
        foreach (var word in (string[])["up", "apply", "replay", "demo", "models", "learner", "retraining", "monitors", "alarms", "bench", "doctor", "test"])
            Assert.Contains($"  {word} ", _out.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("doctor")]
    [InlineData("test --all Some.Filter")]
    public async Task Words_of_the_script_say_so_and_exit_3(string line)
    {
        Assert.Equal(ExitCode.PrerequisiteMissing, await RunAsync(line.Split(' ')));
        Assert.Contains("./orleansml", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_prints_the_changes_as_a_table()
    {
        await using var server = await FakeServer.StartAsync(_ => new FakeAnswer(200, """
            {"application":"market","revision":4,"changes":[
              {"action":"create","kind":"view","name":"now","keepsState":true,"detail":null},
              {"action":"update","kind":"learner","name":"up-model","keepsState":false,"detail":"learningRate 0.5 → 0.1"}]}
            """));
        var file = _folder.Write("a.yaml", "name: market\n");
        Assert.Equal(ExitCode.Done, await RunAsync("apply", file, "--url", server.Address.ToString(), "--dry-run", "--allow-reset"));
        var call = Assert.Single(server.Calls);
        Assert.Equal("/api/v1/applications?dryRun=true&allow=reset", call.Path);
        Assert.Equal("application/yaml", call.ContentType);
        Assert.Equal("name: market\n", call.Text);
        Assert.Equal(
            """
            action  kind     name      state  detail
            create  view     now       stays
            update  learner  up-model  ends   learningRate 0.5 → 0.1
            application 'market': nothing was changed (--dry-run)

            """.ReplaceLineEndings("\n"),
            _out.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Apply_of_an_invalid_file_names_each_place_and_exits_2()
    {
        await using var server = await FakeServer.StartAsync(_ => new FakeAnswer(400, """
            {"type":"about:blank","title":"invalid","status":400,"detail":"2 faults","code":"invalid","errors":[
              {"line":3,"column":7,"code":"unknown_key","detail":"unknown key 'clok'"},{"code":"missing","detail":"no name"}]}
            """));
        var file = _folder.Write("a.yaml", "x");
        Assert.Equal(ExitCode.Invalid, await RunAsync("apply", file, "--url", server.Address.ToString()));
        Assert.Equal($"{file}:3:7: unknown key 'clok'\n{file}: no name\n", _error.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Apply_that_is_refused_exits_1()
    {
        await using var server = await FakeServer.StartAsync(_ => new FakeAnswer(409, """{"detail":"the target's type changed","code":"incompatible_change"}"""));
        Assert.Equal(ExitCode.Failed, await RunAsync("apply", _folder.Write("a.yaml", "x"), "--url", server.Address.ToString()));
        Assert.Contains("the target's type changed", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_server_is_told_with_the_remedy()
    {
        Assert.Equal(ExitCode.Failed, await RunAsync("apply", _folder.Write("a.yaml", "x"), "--url", "http://127.0.0.1:1"));
        Assert.Contains("does not answer", _error.ToString(), StringComparison.Ordinal);
        Assert.Contains("--url", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replay_to_no_server_is_told_with_the_remedy_too()
    {
        var app = _folder.Write("a.yaml", TestApplications.Market);
        var data = _folder.Write("a.csv", "price,count,open,place,day,class\n0.5,1,true,x,1,UP\n");
        Assert.Equal(ExitCode.Failed, await RunAsync("replay", "--app", app, "--data", data, "--url", "http://127.0.0.1:1", "--out", _folder.File("out")));
        Assert.Contains("does not answer", _error.ToString(), StringComparison.Ordinal);
        Assert.Contains("--url", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_absent_application_file_exits_2()
    {
        Assert.Equal(ExitCode.Invalid, await RunAsync("replay", "--app", _folder.File("absent.yaml"), "--data", _folder.File("absent.csv"), "--url", "http://127.0.0.1:1"));
        Assert.Contains("absent.yaml", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Faults_of_the_application_file_are_named_before_anything_is_started()
    {
        var file = _folder.Write("a.yaml", TestApplications.Market.Replace("clock: event", "clock: sundial", StringComparison.Ordinal));
        Assert.Equal(ExitCode.Invalid, await RunAsync("replay", "--app", file, "--data", _folder.File("absent.csv"), "--url", "http://127.0.0.1:1"));
        Assert.StartsWith($"{file}:4:8: ", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replay_writes_predictions_summary_and_chart()
    {
        await using var server = await FakeServer.StartAsync(new FakeModel().Answer);
        var app = _folder.Write("a.yaml", TestApplications.Market);
        var first = _folder.Write("a.csv", "day,price,class\n1,1,UP\n2,1,DOWN\n3,1,UP\n");
        var second = _folder.Write("b.csv", "day,price,class\n4,1,UP\n1,1,DOWN\n9,9,UP\n");
        Assert.Equal(ExitCode.Done, await RunAsync("replay", "--app", app, "--data", $"{first},{second}", "--limit", "5", "--out", _folder.File("out"), "--url", server.Address.ToString()));

        var lines = await File.ReadAllLinesAsync(_folder.File("out/predictions.ndjson"));
        Assert.Equal(5, lines.Length);
        Assert.Equal("""{"row":0,"predictionId":"p0","modelVersion":null,"score":0.5,"label":"DOWN","truth":"UP","frozenLabel":null}""", lines[0]);
        Assert.Equal("""{"row":2,"predictionId":"p2","modelVersion":"1","score":0.75,"label":"UP","truth":"UP","frozenLabel":"UP"}""", lines[2]);
        Assert.Equal("""{"row":4,"predictionId":"p4","modelVersion":"2","score":0.75,"label":"UP","truth":"DOWN","frozenLabel":"DOWN"}""", lines[4]);

        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(_folder.File("out/summary.json")));
        var summary = document.RootElement;
        Assert.Equal("a.csv,b.csv", summary.GetProperty("data").GetString());
        Assert.Equal(
            [5, 2, 3, 1, 1, 1, 0],
            ((string[])["rows", "bootstrapRows", "scoredRows", "delayRows", "promotions", "hotSwaps", "failedRequests"]).Select(name => summary.GetProperty(name).GetInt32()));
        Assert.Equal("orleans", summary.GetProperty("engine").GetString());
        // rows 2, 3, 4: truth UP UP DOWN; live UP UP UP; frozen (day 3, 4, 1) UP UP DOWN; no change DOWN UP UP; prior DOWN (tie) UP UP
        Assert.Equal(2 / 3.0, Accuracy(summary, "live"), 12);
        Assert.Equal(1, Accuracy(summary, "frozen"), 12);
        Assert.Equal(1 / 3.0, Accuracy(summary, "noChange"), 12);
        Assert.Equal(1 / 3.0, Accuracy(summary, "prior"), 12);
        Assert.False(summary.GetProperty("live").TryGetProperty("mae", out _));
        foreach (var name in (string[])["p50Ms", "p99Ms", "eventsPerSecond", "seconds"])
            Assert.True(summary.GetProperty(name).GetDouble() > 0, name);

        Assert.Equal("svg", System.Xml.Linq.XDocument.Load(_folder.File("out/accuracy.svg")).Root!.Name.LocalName);
        Assert.Contains("accuracy.svg", _out.ToString(), StringComparison.Ordinal);
        Assert.Contains("live (as served)", _out.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replay_with_a_failed_request_exits_1_and_tells_the_first()
    {
        await using var server = await FakeServer.StartAsync(new FakeModel { FailPrediction = 1 }.Answer);
        var app = _folder.Write("a.yaml", TestApplications.Market);
        var data = _folder.Write("a.csv", "day,price,class\n1,1,UP\n2,1,DOWN\n3,1,UP\n");
        Assert.Equal(ExitCode.Failed, await RunAsync("replay", "--app", app, "--data", data, "--out", _folder.File("out"), "--url", server.Address.ToString()));
        Assert.Contains("503 the queue is full", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Models_and_learner_are_listed()
    {
        await using var server = await FakeServer.StartAsync(call => call.Path.EndsWith("/learner", StringComparison.Ordinal)
            ? new(200, """{"state":"learning","examples":12,"loss":{"windowed":0.25,"fading":null}}""")
            : new(200, """{"items":[{"name":"up-model","aliases":{"champion":"2"},"versions":[{"version":"1","state":"unloaded"},{"version":"2","state":"available"}]}],"nextPageToken":null}"""));
        Assert.Equal(ExitCode.Done, await RunAsync("models", "--url", server.Address.ToString()));
        Assert.Contains("up-model  champion=2  1:unloaded 2:available", _out.ToString(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, await RunAsync("learner", "a b", "--url", server.Address.ToString()));
        Assert.Contains("loss.windowed  0.25", _out.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Monitors_and_alarms_are_listed_with_the_worst_series()
    {
        const string Evidence = """{"series":"age","statistic":0.31415926,"threshold":null,"pValue":0.001,"correctedPValue":0.004}""";
        await using var server = await FakeServer.StartAsync(call => call.Path.Contains("/monitors", StringComparison.Ordinal)
            ? new(200, $$"""{"items":[{"name":"inputs","on":"features","detector":"psi","state":"raised","rows":7,"alarms":2,"worst":{{Evidence}}},{"name":"errors","on":"error","detector":"adwin","state":"watching","rows":3,"alarms":0,"worst":null}],"nextPageToken":null}""")
            : new(200, $$"""{"items":[{"id":"inputs.1","monitor":"inputs","on":"features","state":"raised","raised":"2026-01-01T00:00:00Z","pastCount":1,"judgedCount":4,"evidence":[{{Evidence}}],"acknowledgedBy":null}],"nextPageToken":null}"""));
        Assert.Equal(ExitCode.Done, await RunAsync("monitors", "up-model", "--url", server.Address.ToString()));
        Assert.Matches(@"inputs +features +psi +raised +7 +2 +age +0\.3142 +- +0\.004", _out.ToString());
        Assert.Matches(@"errors +error +adwin +watching +3 +0 +- +- +- +-", _out.ToString());
        Assert.Equal(ExitCode.Done, await RunAsync("alarms", "up-model", "--state", "raised", "--url", server.Address.ToString()));
        Assert.Matches(@"inputs\.1 +inputs +features +raised +2026-01-01T00:00:00Z +1/4 +age +0\.3142 +- +0\.004 +-", _out.ToString());
    }

    [Fact]
    public async Task Triggers_of_retraining_are_listed_paused_and_resumed()
    {
        const string Triggers = """
            [{"type":"cron","trigger":"cron:@daily@UTC","next":"2026-01-02T00:00:00Z","outcomes":null,"every":null,"cooldownUntil":null,"pending":false,"last":{"job":"j1","at":"2026-01-01T00:00:00Z","state":"succeeded","detail":null},"reason":null},
            {"type":"outcomes","trigger":"outcomes:50","next":null,"outcomes":7,"every":50,"cooldownUntil":null,"pending":true,"last":null,"reason":null}]
            """;
        var paths = new List<string>();
        await using var server = await FakeServer.StartAsync(call =>
        {
            paths.Add($"{call.Method} {call.Path}");
            return call.Path.EndsWith("/none/retraining", StringComparison.Ordinal)
                ? new(404, """{"code":"unknown_model","detail":"There is no model 'none'."}""")
                : new(200, $$"""{"model":"m","paused":{{(call.Method == "POST" ? "true" : "false")}},"pausedBy":"ana","current":"j2","triggers":{{Triggers}}}""");
        });
        Assert.Equal(ExitCode.Done, await RunAsync("retraining", "m", "--url", server.Address.ToString()));
        Assert.Matches(@"cron:@daily@UTC +2026-01-02T00:00:00Z +no +2026-01-01T00:00:00Z +succeeded +j1", _out.ToString());
        Assert.Matches(@"outcomes:50 +7 of 50 +yes +- +- +-", _out.ToString());
        Assert.DoesNotContain("Paused", _out.ToString(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, await RunAsync("retraining", "m", "--pause", "--url", server.Address.ToString()));
        Assert.Contains("Paused by ana.", _out.ToString(), StringComparison.Ordinal);
        Assert.Equal(["GET /api/v1/models/m/retraining", "POST /api/v1/models/m/retraining/pause"], paths);
        Assert.Equal(ExitCode.Failed, await RunAsync("retraining", "none", "--url", server.Address.ToString()));
        Assert.Equal(ExitCode.Invalid, await RunAsync("retraining", "m", "--pause", "--resume", "--url", server.Address.ToString()));
    }

    [Fact]
    public async Task A_rollout_is_begun_and_rollouts_are_listed()
    {
        const string Rollout = """{"id":"3","candidate":"2","champion":"1","state":"running","stage":"canary","weight":0.05,"by":"trainer","why":"12 of 200 outcomes are there"}""";
        await using var server = await FakeServer.StartAsync(call => call.Method == "POST" ? new(201, Rollout) : new(200, $$"""{"items":[{{Rollout}}],"nextPageToken":null}"""));
        Assert.Equal(ExitCode.Done, await RunAsync("rollout", "up-model", "2", "--url", server.Address.ToString()));
        Assert.Contains("rollout 3 of 'up-model': version 2 against champion 1, canary", _out.ToString(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, await RunAsync("rollouts", "up-model", "--url", server.Address.ToString()));
        Assert.Contains("3        2          1         running  5%     trainer  12 of 200 outcomes are there", _out.ToString(), StringComparison.Ordinal);
    }

    private static double Accuracy(JsonElement summary, string name) => summary.GetProperty(name).GetProperty("accuracy").GetDouble();

    private Task<int> RunAsync(params string[] arguments) =>
        new OmlCommandLine(Terminal.Plain(_out, _error), _ => null).RunAsync(arguments, CancellationToken.None);
}
