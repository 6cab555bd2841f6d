using System.Globalization;
using System.Text.Json;

namespace OrleansMl.Cli.Tests;

/// <summary>Answers as the routes of a server do: the prior at first, then version 1, and version 2 from row 4 on.</summary>
internal sealed class FakeModel
{
    private int _predictions = -1;

    /// <summary>First row that a version serves.</summary>
    public int FirstServed { get; init; } = 2;

    /// <summary>Row whose prediction fails; −1: none.</summary>
    public int FailPrediction { get; init; } = -1;

    /// <summary>What <c>/v2/…/infer</c> answers first.</summary>
    public int FirstInferStatus { get; set; } = 200;

    public FakeAnswer Answer(RecordedCall call)
    {
        switch (call.Path)
        {
            case "/api/v1/events":
                return new(200, """{"accepted":1,"duplicates":0,"rejected":0,"errors":[],"sequence":1}""");
            case "/api/v1/outcomes":
                return new(200, """{"accepted":1,"duplicates":0,"rejected":0,"errors":[],"results":[{"index":0,"status":"joined"}]}""");
            case "/api/v1/applications":
                return new(201, """{"application":"market","revision":1,"changes":[{"action":"create","kind":"model","name":"up-model","keepsState":true,"detail":null}]}""");
            case "/api/v1/status":
                return new(200, """{"engine":"orleans","version":"0.1.0","silos":1,"packages":[]}""");
            case "/api/v1/models/up-model/promotions?limit=1000":
                return new(200, """{"items":[{"id":1,"from":null,"to":"1","decision":"bootstrap"}],"nextPageToken":"t/2"}""");
            case "/api/v1/models/up-model/promotions?limit=1000&pageToken=t%2F2":
                return new(200, """{"items":[{"id":2,"from":"1","to":"2","decision":"promoted"}],"nextPageToken":null}""");
            case "/api/v1/models/up-model/predict":
                return Predict();
            case "/api/v1/models/up-model/versions/1/load":
                FirstInferStatus = 200;
                return new(200, "{}");
            case "/v2/models/up-model/versions/1/infer":
                return FirstInferStatus == 200 ? Infer(call) : new(FirstInferStatus, """{"error":"version 1 is not loaded"}""");
            default:
                return new(404, $$"""{"detail":"no {{call.Path}}"}""");
        }
    }

    private FakeAnswer Predict()
    {
        var row = ++_predictions;
        if (row == FailPrediction)
            return new(503, """{"type":"about:blank","title":"busy","status":503,"detail":"the queue is full","code":"queue_full"}""");
        var lag = row == 0 ? "null" : (200 + row).ToString(CultureInfo.InvariantCulture);
        var features = $$"""[{"name":"now:lag","value":{{lag}},"status":"present","eventTime":null,"usedDefault":false},{"name":"now:price","value":{{100 + row}},"status":"present","eventTime":"1996-05-07T00:00:00Z","usedDefault":false}]""";
        if (row < FirstServed)
            return new(200, $$"""{"predictionId":"p{{row}}","model":"up-model","modelVersion":null,"output":{"label":"DOWN","score":0.5},"fallback":"prior","sequence":1,"features":{{features}}}""");
        var version = row < 4 ? 1 : 2;
        return new(200, $$"""{"predictionId":"p{{row}}","model":"up-model","modelVersion":"{{version}}","output":{"label":"UP","score":0.75,"values":{"DOWN":0.25,"UP":0.75} },"fallback":null,"sequence":1,"features":{{features}}}""");
    }

    /// <summary>The probability of UP is 0.5 + day / 20: 0.55, 0.6, 0.65, …; the declared threshold is 0.6.</summary>
    private static FakeAnswer Infer(RecordedCall call)
    {
        var input = call.Json.GetProperty("inputs").EnumerateArray().Single(tensor => tensor.GetProperty("name").GetString() == "day");
        var days = call.HeaderLength is { } header
            ? Enumerable.Range(0, input.GetProperty("shape")[0].GetInt32()).Select(row => (double)BitConverter.ToSingle(call.Body, header + (4 * row))).ToList()
            : [.. input.GetProperty("data").EnumerateArray().Select(element => element.GetDouble())];
        var probabilities = string.Join(",", days.Select(day => string.Create(CultureInfo.InvariantCulture, $"{0.5 - (day / 20)},{0.5 + (day / 20)}")));
        var labels = JsonSerializer.Serialize(days.Select(_ => "UP"));
        return new(200, $$"""{"model_name":"up-model","model_version":"1","outputs":[{"name":"label","datatype":"BYTES","shape":[{{days.Count}}],"data":{{labels}}},{"name":"probabilities","datatype":"FP32","shape":[{{days.Count}},2],"data":[{{probabilities}}]}]}""");
    }
}
