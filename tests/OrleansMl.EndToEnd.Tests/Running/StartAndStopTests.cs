using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace OrleansMl.EndToEnd.Tests;

public sealed class StartAndStopTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private string Data => _folder.At("data");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task One_line_on_standard_output_says_ready_with_addresses_engine_and_data()
    {
        await using var server = await ServerProcess.StartAsync(Data);

        Assert.Matches(@"^ready http=127\.0\.0\.1:\d+ grpc=(-|127\.0\.0\.1:\d+) engine=(orleans|standin) data=/.+$", server.ReadyLine);
        Assert.Equal([server.ReadyLine], server.Output);
        Assert.Equal(Data, server.Word("data"));
        (await server.Api.GetAsync("/health/ready")).Is(200);
        Assert.Equal(server.Word("engine"), (await server.Api.GetAsync("/api/v1/status")).Done()["engine"]);
        if (Environment.GetEnvironmentVariable("OML_ENGINE") is { Length: > 0 } engine)
            Assert.Equal(engine, server.Word("engine"));
    }

    [Fact]
    public async Task A_second_server_on_the_same_folder_exits_1_and_names_the_first()
    {
        await using var server = await ServerProcess.StartAsync(Data);

        var second = await ProgramRun.OfAsync("up", "--data", Data, "--http", "0", "--grpc", "0");

        Assert.Equal(1, second.ExitCode);
        Assert.Contains(server.Id.ToString(CultureInfo.InvariantCulture), second.Error, StringComparison.Ordinal);
        Assert.Contains(Data, second.Error, StringComparison.Ordinal);
        Assert.Empty(second.Output);
        (await server.Api.GetAsync("/health/ready")).Is(200);
    }

    [Theory]
    [InlineData("""{"Serving": {"Loaders": 0}}""", "Serving:Loaders is 0")]
    [InlineData("""{"Serving": {"ReportPeriod": "0:00:00.001"}}""", "Serving:ReportPeriod is 00:00:00.0010000")]
    [InlineData("""{"Serving": {"ColdStartLimit": "soon"}}""", "ColdStartLimit")]
    [InlineData("""{"Serving": {"Loader": 2}}""", "Loader")]
    public async Task A_serving_option_that_cannot_be_ends_the_start_with_2_and_its_name(string configuration, string expected)
    {
        var run = await ProgramRun.OfAsync("up", "--data", Data, "--http", "0", "--grpc", "0", "--config", _folder.Write("configuration.json", configuration));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_lock_of_a_killed_server_does_not_block_the_next_start()
    {
        await using (var killed = await ServerProcess.StartAsync(Data))
            await killed.KillAsync();

        await using var next = await ServerProcess.StartAsync(Data);
        (await next.Api.GetAsync("/health/ready")).Is(200);
    }

    [SkippableFact]
    public async Task At_SIGTERM_the_server_is_not_ready_at_once_a_call_in_flight_finishes_and_the_exit_code_is_0()
    {
        await using var server = await ServerProcess.StartAsync(Data, "--app", _folder.Write("fleet.yaml", Fleet.Yaml));
        var body = Encoding.UTF8.GetBytes(Fleet.Reading("e1", "d1", 5));
        using var call = new TcpClient();
        await call.ConnectAsync(server.Address.Host, server.Address.Port);
        var stream = call.GetStream();
        var head = $"POST /api/v1/events HTTP/1.1\r\nHost: {server.Address.Authority}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
        await stream.WriteAsync(body.AsMemory(0, 10));
        // An answer to another call: the server has read the first one's head meanwhile, or does so before it stops.
        (await server.Api.GetAsync("/health/ready")).Is(200);

        server.Terminate();
        await Eventually.IsAsync(async () => await IsReadyAsync(server) ? "it still says that it is ready" : null, TimeSpan.FromSeconds(5));
        // Long enough for a silo that does not wait for its calls to be gone.
        await Task.Delay(TimeSpan.FromSeconds(1));
        await stream.WriteAsync(body.AsMemory(10));
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(20));

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains("\"accepted\":1", answer, StringComparison.Ordinal);
        Assert.Equal(0, await server.EndAsync());
        await using var next = await ServerProcess.StartAsync(Data);
        Assert.Equal(1, await Fleet.FeatureAsync(next.Api, "d1", "total:n"));
    }

    [Fact]
    public async Task A_second_start_is_ready_within_seconds_and_remembers_applications_models_features_and_learner()
    {
        string application, model, learner;
        await using (var first = await ServerProcess.StartAsync(Data, "--app", _folder.Write("fleet.yaml", Fleet.Yaml)))
        {
            (await first.Api.PostAsync("/api/v1/events", Fleet.Lines(Enumerable.Range(1, 30).Select(i => Fleet.Reading($"e{i}", "d1", i))), Api.Ndjson)).Done();
            await Fleet.TeachTwoVersionsAsync(first.Api);
            application = (await first.Api.GetAsync("/api/v1/applications/fleet", Api.Yaml)).Done().Text;
            model = (await first.Api.GetAsync("/api/v1/models/risk")).Done().Text;
            learner = Learned(await first.Api.GetAsync("/api/v1/models/risk/learner"));
            await first.KillAsync();
        }

        await using var second = await ServerProcess.StartAsync(Data);

        Assert.True(second.StartedIn < TimeSpan.FromSeconds(15), $"ready after {second.StartedIn}");
        Assert.Equal(Fleet.Yaml, application);
        Assert.Equal(application, (await second.Api.GetAsync("/api/v1/applications/fleet", Api.Yaml)).Done().Text);
        Assert.Equal(model, (await second.Api.GetAsync("/api/v1/models/risk")).Done().Text);
        Assert.Equal(30, await Fleet.FeatureAsync(second.Api, "d1", "total:n"));
        Assert.Equal(465, await Fleet.FeatureAsync(second.Api, "d1", "total:sum"));
        await Eventually.IsAsync(async () => Learned(await second.Api.GetAsync("/api/v1/models/risk/learner")) is var now && now == learner ? null : $"{now}, not {learner}");
        var served = (await second.Api.PostAsync("/api/v1/models/risk/predict", Fleet.Predict("d1", 2))).Done();
        Assert.Equal("1", served["modelVersion"]);
        Assert.Equal("broken", served.Body.GetProperty("output").GetProperty("label").GetString());
    }

    [Fact]
    public async Task A_bind_beyond_loopback_without_keys_is_refused_with_the_remedy()
    {
        var run = await ProgramRun.OfAsync("up", "--data", Data, "--http", "0", "--grpc", "0", "--bind", "0.0.0.0");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("0.0.0.0", run.Error, StringComparison.Ordinal);
        Assert.Contains("Gateway:Keys", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task An_invalid_application_file_exits_2_with_file_line_and_column()
    {
        var file = _folder.Write("bad.yaml", Fleet.Yaml.Replace("source: {event: reading}", "source: {event: raeding}", StringComparison.Ordinal));
        var line = 1 + Array.FindIndex(File.ReadAllLines(file), text => text.Contains("raeding", StringComparison.Ordinal));

        var run = await ProgramRun.OfAsync("up", "--data", Data, "--http", "0", "--grpc", "0", "--app", file);

        Assert.Equal(2, run.ExitCode);
        Assert.Matches($@"{System.Text.RegularExpressions.Regex.Escape(file)}:{line}:\d+: .*raeding.*reading", run.Error);
    }

    [Theory]
    [InlineData("up", "--prot", "1")]
    [InlineData("up", "--http", "70000")]
    [InlineData("up", "--http", "eight")]
    [InlineData("down")]
    [InlineData("replay", "--app", "x.yaml")]
    public async Task Wrong_usage_exits_2_and_says_what_is_wrong(params string[] arguments)
    {
        var run = await ProgramRun.OfAsync(arguments);

        Assert.Equal(2, run.ExitCode);
        Assert.NotEmpty(run.Error.Trim());
    }

    [Fact]
    public async Task A_port_in_use_exits_1_and_says_which()
    {
        await using var server = await ServerProcess.StartAsync(Data);
        var port = server.Address.Port.ToString(CultureInfo.InvariantCulture);

        var run = await ProgramRun.OfAsync("up", "--data", _folder.At("other"), "--http", port, "--grpc", "0");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(port, run.Error, StringComparison.Ordinal);
        Assert.Contains("--http", run.Error, StringComparison.Ordinal);
    }

    private static async Task<bool> IsReadyAsync(ServerProcess server)
    {
        try
        {
            return (await server.Api.GetAsync("/health/ready")).Status == 200;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static string Learned(Answer learner) => $"{learner.Done()["state"]} {learner["examples"]} {learner["lineage"]} {learner["candidateVersion"]} {learner["championVersion"]}";
}
