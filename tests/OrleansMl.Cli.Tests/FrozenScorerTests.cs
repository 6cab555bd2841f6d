using System.Text;
using OrleansMl.Cli.Http;
using OrleansMl.Cli.Replay;

namespace OrleansMl.Cli.Tests;

public class FrozenScorerTests
{
    [Fact]
    public async Task Version_1_is_asked_in_batches_and_the_declared_threshold_decides()
    {
        await using var server = await FakeServer.StartAsync(new FakeModel().Answer);
        var rows = Enumerable.Range(0, 300).Select(index => Row(index, day: 1 + (index % 3), lag: 1)).ToList();
        Assert.Null(Score(server, rows));
        Assert.Equal([256, 44], server.Calls.Select(call => call.Json.GetProperty("inputs")[0].GetProperty("shape")[0].GetInt32()));
        // 0.55, 0.6, 0.65 against 0.6
        Assert.Equal([0.0, 1, 1, 0, 1, 1], rows.Take(6).Select(row => row.Frozen));
    }

    [Fact]
    public async Task Vectors_with_missing_numbers_travel_as_binary_tensors()
    {
        await using var server = await FakeServer.StartAsync(new FakeModel().Answer);
        List<ReplayRow> rows = [Row(0, day: 1, lag: float.NaN), Row(1, day: 3, lag: 5)];
        Assert.Null(Score(server, rows));
        Assert.Equal([0.0, 1], rows.Select(row => row.Frozen));
        var calls = server.Calls.ToList();
        Assert.Null(calls[0].HeaderLength);
        var header = calls[1].HeaderLength!.Value;
        Assert.Equal("""{"inputs":[{"name":"day","datatype":"FP32","shape":[1,1],"parameters":{"binary_data_size":4}},{"name":"now:price","datatype":"FP32","shape":[1,1],"parameters":{"binary_data_size":4}},{"name":"now:lag","datatype":"FP32","shape":[1,1],"parameters":{"binary_data_size":4}}]}""", Encoding.UTF8.GetString(calls[1].Body, 0, header));
        Assert.Equal(header + 12, calls[1].Body.Length);
        Assert.True(float.IsNaN(BitConverter.ToSingle(calls[1].Body, header + 8)));
    }

    [Fact]
    public async Task A_drained_version_1_is_loaded_once()
    {
        await using var server = await FakeServer.StartAsync(new FakeModel { FirstInferStatus = 503 }.Answer);
        List<ReplayRow> rows = [Row(0, day: 1, lag: 1)];
        Assert.Null(Score(server, rows));
        Assert.Equal(["infer", "load", "infer"], server.Calls.Select(call => call.Path.Split('/')[^1]));
        Assert.Equal(0, rows[0].Frozen);
    }

    [Fact]
    public async Task A_refusal_is_told_and_leaves_the_rows_without_an_answer()
    {
        await using var server = await FakeServer.StartAsync(_ => new FakeAnswer(400, """{"error":"no input 'day'"}"""));
        List<ReplayRow> rows = [Row(0, day: 1, lag: 1)];
        Assert.Equal("400 no input 'day'", Score(server, rows));
        Assert.True(double.IsNaN(rows[0].Frozen));
    }

    private static string? Score(FakeServer server, IReadOnlyList<ReplayRow> rows)
    {
        var plan = ReplayPlan.Create(TestApplications.Read(TestApplications.Market), ["day", "price", "class"]);
        using var connection = new ApiConnection(server.Address);
        return new FrozenScorer(plan, connection).Score(rows, CancellationToken.None);
    }

    private static ReplayRow Row(long index, float day, float lag) => new()
    {
        Index = index,
        Time = DateTime.UnixEpoch,
        Entity = "NSW",
        Truth = 1,
        PredictionId = $"p{index}",
        ModelVersion = 2,
        Vector = new RawVector([day, 0.5f, lag], null),
    };
}
