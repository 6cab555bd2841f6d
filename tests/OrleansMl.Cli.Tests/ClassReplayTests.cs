using System.Globalization;
using OrleansMl.Cli.Data;
using OrleansMl.Cli.Http;
using OrleansMl.Cli.Output;
using OrleansMl.Cli.Replay;
using OrleansMl.Cli.Scoring;

namespace OrleansMl.Cli.Tests;

/// <summary>A file of three classes is replayed and scored by the names of the classes.</summary>
public sealed class ClassReplayTests : IDisposable
{
    private const string Application = """
        apiVersion: orleansml/v1
        kind: Application
        name: post
        clock: event
        entities: [{name: desk}]
        events: [{name: letter, entity: desk, fields: {words: {type: float}}}]
        views: [{name: seen, entity: desk, source: {event: letter}, features: {words: {agg: last, field: words}}}]
        models:
          - name: sort
            entity: desk
            features: [seen:*]
            target: {name: kind, type: multiclass, classes: [bill, "2", love], window: 2h}
            learner: {type: softmax}
            postprocess: [{label_map: {love: keep}}]
        replay:
          entity: {type: desk, id: one}
          time: {start: "2026-01-01T00:00:00Z", step: 30m}
          event: letter
          outcome: {target: kind, column: kind}
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Truths_go_by_name_and_answers_baselines_and_version_1_are_scored_as_classes()
    {
        string[] said = ["bill", "2", "keep", "bill", "2"];
        var asked = 0;
        await using var server = await FakeServer.StartAsync(call => call.Path switch
        {
            "/api/v1/events" => new FakeAnswer(200, """{"accepted":1,"duplicates":0,"rejected":0,"errors":[],"sequence":1}"""),
            "/api/v1/outcomes" => new FakeAnswer(200, """{"accepted":1,"duplicates":0,"rejected":0,"errors":[],"results":[{"index":0,"status":"joined"}]}"""),
            "/v2/models/sort/versions/1/infer" => new FakeAnswer(200, """
                {"model_name":"sort","model_version":"1","outputs":[{"name":"label","datatype":"BYTES","shape":[5],"data":["2","2","love","bill","bill"]},
                 {"name":"probabilities","datatype":"FP32","shape":[5,3],"data":[0.2,0.5,0.3, 0.3,0.4,0.3, 0.1,0.1,0.8, 0.6,0.2,0.2, 0.4,0.3,0.3]}]}
                """),
            _ => Answer(said[asked], asked++),
        });
        var source = CsvSource.Open([_folder.Write("letters.csv", "words,kind\n1,love\n2,2\n3,love\n4,love\n5,2\n")]);
        var plan = ReplayPlan.Create(TestApplications.Read(Application), source.Header);
        using var connection = new ApiConnection(server.Address);
        using var loop = new ReplayLoop(plan, connection, 1);
        var result = loop.Run(source.Rows(), new NoProgress(), CancellationToken.None);
        Assert.Null(new FrozenScorer(plan, connection).Score([.. result.Rows], CancellationToken.None));

        Assert.Equal(["love", "2", "love", "love", "2"], server.Calls.Where(call => call.Path == "/api/v1/outcomes").Select(call => call.Json.GetProperty("value").GetString()));
        Assert.Equal([0.0, 1, 2, 0, 1], result.Rows.Select(row => row.Live));
        Assert.Equal([1.0, 1, 2, 0, 0], result.Rows.Select(row => row.Frozen));
        Assert.Equal([0.0, 2, 1, 2, 2], result.Rows.Select(row => row.NoChange));
        var comparison = Comparison.Of(result.Rows, plan.Target.IsRegression);
        Assert.Equal((0.6, 0.4, 0.2), (Accuracy(comparison.Live), Accuracy(comparison.Frozen), Accuracy(comparison.NoChange)));

        static double Accuracy(IReadOnlyList<double> errors) => Math.Round(Score.Of(errors, regression: false).Accuracy!.Value, 12);
    }

    [Fact]
    public void A_truth_that_is_no_class_names_its_line_and_the_classes()
    {
        var file = _folder.Write("bad.csv", "words,kind\n1,love\n2,0\n");
        var source = CsvSource.Open([file]);
        var plan = ReplayPlan.Create(TestApplications.Read(Application), source.Header);
        var rows = source.Rows().ToList();
        Assert.Equal(2, plan.TruthOf(rows[0]));
        var fault = Assert.Throws<CommandLine.CommandException>(() => plan.TruthOf(rows[1]));
        Assert.Equal($"{file}:3: the outcome is '0', one of bill, 2, love is needed.", fault.Message);
    }

    private static FakeAnswer Answer(string label, int row) => new(200, string.Create(CultureInfo.InvariantCulture, $$"""
        {"predictionId":"p{{row}}","model":"sort","modelVersion":"1","output":{"label":"{{label}}","score":0.5,"values":{"bill":0.3,"2":0.3,"love":0.4} },"fallback":null,"sequence":1,
         "features":[{"name":"seen:words","value":{{row + 1}},"status":"present","eventTime":null,"usedDefault":false}]}
        """));

    private sealed class NoProgress : IProgress<ProgressNote>
    {
        public void Report(ProgressNote value)
        {
        }
    }
}
