using System.Globalization;
using System.Text.Json;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Data;
using OrleansMl.Cli.Http;
using OrleansMl.Cli.Output;
using OrleansMl.Cli.Replay;

namespace OrleansMl.Cli.Tests;

public sealed class ReplayLoopTests : IDisposable
{
    private const string Csv = """
        day,price,count,open,place,class
        1,0.5,3,true,here,UP
        2,0.25,,0,,DOWN
        3,,4.0,1,there,UP
        4,1e-3,5,false,here,UP
        5,2,6,true,here,DOWN

        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, "e0 p0 o0 e1 p1 o1 e2 p2 o2 e3 p3 o3 e4 p4 o4")]
    [InlineData(3, "e0 p0 e1 p1 e2 p2 o0 e3 p3 o1 e4 p4 o2 o3 o4")]
    [InlineData(9, "e0 p0 e1 p1 e2 p2 e3 p3 e4 p4 o0 o1 o2 o3 o4")]
    public async Task Each_row_is_outcome_then_event_then_prediction_and_the_last_truths_follow(int delay, string expected)
    {
        var model = new FakeModel();
        await using var server = await FakeServer.StartAsync(model.Answer);
        Run(server, delay);
        Assert.Equal(expected, Order(server));
        Assert.Single(server.Calls.Select(call => call.Connection).Distinct());
    }

    [Fact]
    public async Task An_event_carries_id_time_and_typed_fields_and_leaves_out_empty_cells()
    {
        var model = new FakeModel();
        await using var server = await FakeServer.StartAsync(model.Answer);
        Run(server, 1);
        var events = server.Calls.Where(call => call.Path == "/api/v1/events").Select(call => call.Text).ToList();
        Assert.Equal("""{"id":"row-0","entity":{"type":"market","id":"NSW"},"type":"tick","time":"1996-05-07T00:00:00Z","fields":{"price":0.5,"count":3,"open":true,"place":"here"}}""", events[0]);
        Assert.Equal("""{"id":"row-1","entity":{"type":"market","id":"NSW"},"type":"tick","time":"1996-05-07T00:30:00Z","fields":{"price":0.25,"open":false}}""", events[1]);
        Assert.Equal("""{"id":"row-2","entity":{"type":"market","id":"NSW"},"type":"tick","time":"1996-05-07T01:00:00Z","fields":{"count":4,"open":true,"place":"there"}}""", events[2]);
    }

    [Fact]
    public async Task A_prediction_carries_inputs_and_an_outcome_the_id_and_the_class()
    {
        var model = new FakeModel();
        await using var server = await FakeServer.StartAsync(model.Answer);
        Run(server, 1);
        var predictions = server.Calls.Where(call => call.Path == "/api/v1/models/up-model/predict").Select(call => call.Text).ToList();
        Assert.Equal("""{"entity":{"type":"market","id":"NSW"},"inputs":{"day":1},"include":["features"]}""", predictions[0]);
        var outcomes = server.Calls.Where(call => call.Path == "/api/v1/outcomes").Select(call => call.Text).ToList();
        Assert.Equal("""{"id":"row-0","predictionId":"p0","value":"UP"}""", outcomes[0]);
        Assert.Equal("""{"id":"row-1","predictionId":"p1","value":"DOWN"}""", outcomes[1]);
    }

    [Fact]
    public async Task Rows_of_the_prior_are_bootstrap_rows_and_the_baselines_know_only_what_was_known()
    {
        var model = new FakeModel { FirstServed = 2 };
        await using var server = await FakeServer.StartAsync(model.Answer);
        var result = Run(server, 2);
        Assert.Equal([null, null, 1, 1, 2], result.Rows.Select(row => row.ModelVersion));
        // truths UP DOWN UP UP DOWN, two rows late: known before rows 0 … 4 are -, -, UP, UP DOWN, UP DOWN UP
        Assert.Equal([0.0, 0, 1, 0, 1], result.Rows.Select(row => row.NoChange));
        Assert.Equal([0.0, 0, 1, 0, 1], result.Rows.Select(row => row.Prior));
        Assert.Equal([false, false, true, true, true], result.Rows.Select(row => row.IsScored));
        Assert.Equal(0, result.FailedRequests);
        Assert.Equal(5, result.PredictionMs.Count);
    }

    [Fact]
    public async Task The_vector_as_served_is_inputs_and_features_by_name_with_missing_ones_as_NaN()
    {
        var model = new FakeModel { FirstServed = 0 };
        await using var server = await FakeServer.StartAsync(model.Answer);
        var result = Run(server, 1);
        // columns: day, now:price, now:lag; the answer lists lag first, and lag is null in row 0
        Assert.Equal([1f, 100f, float.NaN], result.Rows[0].Vector!.Numbers);
        Assert.Equal([3f, 102f, 202f], result.Rows[2].Vector!.Numbers);
        Assert.Null(result.Rows[0].Vector!.Texts);
    }

    [Fact]
    public async Task A_failed_request_is_counted_and_not_repeated_and_its_row_has_no_outcome()
    {
        var model = new FakeModel { FirstServed = 0, FailPrediction = 1 };
        await using var server = await FakeServer.StartAsync(model.Answer);
        var result = Run(server, 1);
        Assert.Equal("e0 p0 o0 e1 p1 e2 p2 o2 e3 p3 o3 e4 p4 o4", Order(server));
        Assert.Equal(1, result.FailedRequests);
        Assert.Equal("row 1: POST /api/v1/models/up-model/predict: 503 the queue is full", result.FirstFailure);
        Assert.False(result.Rows[1].IsScored);
    }

    [Fact]
    public void A_server_that_is_gone_ends_the_replay()
    {
        var plan = Plan(TestApplications.Market);
        using var connection = new ApiConnection(new Uri("http://127.0.0.1:1"));
        using var loop = new ReplayLoop(plan, connection, 1);
        var rows = Enumerable.Repeat(Source().Rows().First(), 100);
        var fault = Assert.Throws<CommandException>(() => loop.Run(rows, new NoProgress(), CancellationToken.None));
        Assert.Equal(ExitCode.Failed, fault.ExitCode);
        Assert.Contains("20 requests in a row", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cell_of_another_type_names_its_file_line_and_column()
    {
        await using var server = await FakeServer.StartAsync(new FakeModel().Answer);
        var file = _folder.Write("bad.csv", "day,price,class\n1,0.5,UP\n2,dear,DOWN\n");
        using var connection = new ApiConnection(server.Address);
        var source = CsvSource.Open([file]);
        using var loop = new ReplayLoop(ReplayPlan.Create(TestApplications.Read(TestApplications.Market), source.Header), connection, 1);
        var fault = Assert.Throws<CommandException>(() => loop.Run(source.Rows(), new NoProgress(), CancellationToken.None));
        Assert.Equal(ExitCode.Invalid, fault.ExitCode);
        Assert.StartsWith($"{file}:3: column 'price' holds 'dear'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Regression_on_a_wall_clock_takes_entity_and_time_from_columns_and_sends_the_time()
    {
        var file = _folder.Write("bikes.csv", "station,at,temp,cnt\nA/1,2012-08-09 10:00,0.8,205\n");
        var source = CsvSource.Open([file]);
        var plan = ReplayPlan.Create(TestApplications.Read(TestApplications.Bikes), source.Header);
        var row = source.Rows().Single();
        using var bodies = new RequestBodies(plan);
        var time = plan.TimeOf(row, 0);
        Assert.Equal(new DateTime(2012, 8, 9, 10, 0, 0, DateTimeKind.Utc), time);
        Assert.Equal("""{"entity":{"type":"station","id":"A/1"},"inputs":{},"eventTime":"2012-08-09T10:00:00Z","include":["features"]}""", Text(bodies.Prediction(row, plan.EntityOf(row), time)));
        Assert.Equal("""{"id":"row-7","predictionId":"x","value":205}""", Text(bodies.Outcome(7, "x", plan.TruthOf(row))));
    }

    [Theory]
    [InlineData("price,class\n", "replay.inputs names the column 'day'")]
    [InlineData("day,price\n", "replay.outcome.column names the column 'class'")]
    public void A_column_that_the_data_lacks_is_named(string header, string expected)
    {
        var source = CsvSource.Open([_folder.Write("a.csv", header)]);
        var fault = Assert.Throws<CommandException>(() => ReplayPlan.Create(TestApplications.Read(TestApplications.Market), source.Header));
        Assert.Equal(ExitCode.Invalid, fault.ExitCode);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    private static string Text(ReadOnlyMemory<byte> body) => System.Text.Encoding.UTF8.GetString(body.Span);

    private static string Order(FakeServer server)
    {
        var predictions = 0;
        return string.Join(" ", server.Calls.Select(call => call.Path switch
        {
            "/api/v1/events" => "e" + Row(call),
            "/api/v1/outcomes" => "o" + Row(call),
            _ => "p" + predictions++.ToString(CultureInfo.InvariantCulture),
        }));

        static string Row(RecordedCall call) => call.Json.GetProperty("id").GetString()!["row-".Length..];
    }

    private CsvSource Source() => CsvSource.Open([_folder.Write("data.csv", Csv.ReplaceLineEndings("\n").Replace("\n\n", "\n", StringComparison.Ordinal))]);

    private ReplayPlan Plan(string application) => ReplayPlan.Create(TestApplications.Read(application), Source().Header);

    private ReplayResult Run(FakeServer server, int delay)
    {
        var source = Source();
        using var connection = new ApiConnection(server.Address);
        using var loop = new ReplayLoop(ReplayPlan.Create(TestApplications.Read(TestApplications.Market), source.Header), connection, delay);
        return loop.Run(source.Rows(), new NoProgress(), CancellationToken.None);
    }

    private sealed class NoProgress : IProgress<ProgressNote>
    {
        public void Report(ProgressNote value)
        {
        }
    }
}
