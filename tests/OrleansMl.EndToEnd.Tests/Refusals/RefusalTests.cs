using System.Globalization;
using System.Text;

namespace OrleansMl.EndToEnd.Tests;

/// <summary>One server for the mistakes that clients make.</summary>
public sealed class RefusalFixture : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private ServerProcess? _server;

    internal Api Api => _server!.Api;

    public async Task InitializeAsync()
    {
        _folder.Write("models/simple/1/model.onnx", OnnxFiles.Simple());
        _server = await ServerProcess.StartAsync(_folder.At("data"), "--app", _folder.Write("fleet.yaml", Fleet.Yaml), "--models", _folder.At("models"));
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>Each mistake gets a 4xx that names the thing, the value and the remedy.</summary>
public sealed class RefusalTests(RefusalFixture server) : IClassFixture<RefusalFixture>
{
    private const string Device = "\"entity\":{\"type\":\"device\",\"id\":\"d1\"}";
    private const string Tensors = "{\"name\":\"INPUT0\",\"shape\":[1,16],\"datatype\":\"INT32\",\"data\":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]},{\"name\":\"INPUT1\",\"shape\":[1,16],\"datatype\":\"INT32\",\"data\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}";

    private Api Api => server.Api;

    /// <summary>Path, body, status, code, and words that the detail must have: the thing, the value, the remedy.</summary>
    public static TheoryData<string, string, int, string, string[]> Mistakes => new()
    {
        { "/events", "{\"id\":\"m1\",", 400, "malformed_json", ["JSON"] },
        { "/events", "{\"id\":\"m2\"," + Device + ",\"type\":\"reading\",\"fields\":{\"value\":NaN}}", 400, "malformed_json", ["N"] },
        { "/events", "{\"id\":\"m3\"," + Device + ",\"type\":\"reading\",\"fields\":{\"value\":\"5\"}}", 400, "invalid_value", ["value", "5", "number"] },
        { "/events", "{\"id\":\"m4\"," + Device + ",\"type\":\"reading\",\"fields\":{\"value\":1001}}", 400, "invalid_value", ["value", "1001", "1000"] },
        { "/events", "{\"id\":\"m5\"," + Device + ",\"type\":\"raeding\",\"fields\":{}}", 400, "unknown_event_type", ["raeding", "reading"] },
        { "/events", "{\"id\":\"m6\",\"entity\":{\"type\":\"devise\",\"id\":\"d1\"},\"type\":\"reading\",\"fields\":{}}", 400, "unknown_entity_type", ["devise", "device"] },
        { "/events", "{\"id\":\"m7\"," + Device + ",\"type\":\"reading\",\"fields\":{\"valeu\":1}}", 400, "unknown_field", ["valeu", "value"] },
        { "/events", "{\"id\":\"m8\"," + Device + ",\"type\":\"reading\",\"fields\":{},\"colour\":1}", 400, "unknown_member", ["colour"] },
        { "/events", "{\"id\":\"m9\",\"id\":\"m9\"," + Device + ",\"type\":\"reading\",\"fields\":{}}", 400, "repeated_member", ["id"] },
        { "/events", "{\"id\":\"\\ud800\"," + Device + ",\"type\":\"reading\",\"fields\":{}}", 400, "", ["surrogate"] },
        { "/events", "{\"id\":\"m10\"," + Device + ",\"type\":\"reading\",\"time\":\"9999-01-01T00:00:00Z\",\"fields\":{}}", 400, "too_far_in_future", ["9999", "clock"] },
        { "/events", "{\"id\":\"m11\"," + Device + ",\"type\":\"reading\",\"time\":\"2001-01-01T00:00:00Z\",\"fields\":{}}", 400, "too_old", ["2001", "maxAge"] },
        { "/events", "{\"id\":\"m12\"," + Device + ",\"type\":\"reading\",\"time\":\"yesterday\",\"fields\":{}}", 400, "", ["yesterday", "RFC 3339"] },
        { "/models/risk/predict", "{" + Device + ",\"inputs\":{\"load\":\"1\"}}", 400, "invalid_value", ["load", "1", "number"] },
        { "/models/risk/predict", "{" + Device + ",\"inputs\":{}}", 400, "", ["load"] },
        { "/models/risk/predict", "{" + Device + ",\"inputs\":{\"load\":11}}", 400, "invalid_value", ["load", "11", "10"] },
        { "/models/risk/predict", "{\"entity\":{\"type\":\"site\",\"id\":\"d1\"},\"inputs\":{\"load\":1}}", 400, "", ["site", "device"] },
        { "/models/risk/predict", "{" + Device + ",\"inputs\":{\"load\":1},\"version\":\"99\"}", 404, "unknown_version", ["99", "risk"] },
        { "/models/risk/predict", "{" + Device + ",\"inputs\":{\"load\":1},\"alias\":\"best\"}", 404, "unknown_alias", ["best", "risk"] },
        { "/models/riks/predict", "{" + Device + ",\"inputs\":{\"load\":1}}", 404, "unknown_model", ["riks", "risk"] },
        { "/features/read", "{" + Device + ",\"views\":[\"totals\"]}", 400, "unknown_feature", ["totals", "total"] },
        { "/features/read", "{" + Device + ",\"features\":[\"total:m\"]}", 400, "unknown_feature", ["total:m", "total:n"] },
        { "/features/read", "{\"entity\":{\"type\":\"devise\",\"id\":\"d1\"}}", 404, "unknown_entity_type", ["devise", "device"] },
        { "/outcomes", "{\"id\":\"o1\"," + Device + ",\"target\":\"failde\",\"value\":\"broken\"}", 400, "unknown_target", ["failde", "failed"] },
        { "/outcomes", "{\"id\":\"o2\"," + Device + ",\"target\":\"failed\",\"value\":\"bent\"}", 400, "invalid_value", ["bent", "broken"] },
        { "/models/risk/versions", "not an ONNX file at all", 400, "not_onnx", ["ONNX"] },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_mistake_is_named_with_its_value_and_the_remedy(string path, string body, int status, string code, string[] words)
    {
        var answer = await Api.PostAsync("/api/v1" + path, body, path.EndsWith("/versions", StringComparison.Ordinal) ? Api.Octets : Api.Json);

        IsProblem(answer, status, code, words);
    }

    [Theory]
    [InlineData("{\"inputs\":[{\"name\":\"INPUT0\"", 400, "JSON")]
    [InlineData("{\"inputs\":[{\"name\":\"INPUT9\",\"shape\":[1,16],\"datatype\":\"INT32\",\"data\":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]},{\"name\":\"INPUT1\",\"shape\":[1,16],\"datatype\":\"INT32\",\"data\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}]}", 400, "INPUT9")]
    [InlineData("{\"inputs\":[{\"name\":\"INPUT0\",\"shape\":[1,17],\"datatype\":\"INT32\",\"data\":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]},{\"name\":\"INPUT1\",\"shape\":[1,16],\"datatype\":\"INT32\",\"data\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}]}", 400, "17")]
    [InlineData("{\"inputs\":[{\"name\":\"INPUT0\",\"shape\":[1,2],\"datatype\":\"INT32\",\"data\":[0,1]},{\"name\":\"INPUT1\",\"shape\":[1,2],\"datatype\":\"INT32\",\"data\":[0,1]}]}", 400, "16")]
    [InlineData("{\"inputs\":[{\"name\":\"INPUT0\",\"shape\":[1,16],\"datatype\":\"FP32\",\"data\":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]},{\"name\":\"INPUT1\",\"shape\":[1,16],\"datatype\":\"INT32\",\"data\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}]}", 400, "FP32")]
    [InlineData("{\"inputs\":[{\"name\":\"INPUT0\",\"shape\":[1,16],\"datatype\":\"INT32\",\"data\":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]}]}", 400, "INPUT1")]
    [InlineData("{\"inputs\":[" + Tensors + "],\"outputs\":[{\"name\":\"OUTPUT7\"}]}", 400, "OUTPUT7")]
    public async Task A_wrong_tensor_is_named_in_the_words_of_the_protocol(string body, int status, string word)
    {
        var answer = await Api.PostAsync("/v2/models/simple/infer", body);

        answer.Is(status);
        Assert.Equal(Api.Json, answer.Type);
        Assert.Contains(word, answer["error"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v2/models/none/infer", "none")]
    [InlineData("/v2/models/simple/versions/9/infer", "9")]
    public async Task An_unknown_model_or_version_is_404_in_the_words_of_the_protocol(string path, string word)
    {
        var answer = await Api.PostAsync(path, "{\"inputs\":[" + Tensors + "]}");

        answer.Is(404);
        Assert.Contains("unknown model", answer["error"], StringComparison.Ordinal);
        Assert.Contains(word, answer["error"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_with_external_data_is_refused_by_its_name()
    {
        IsProblem(await Api.PostAsync("/api/v1/models/outside/versions", OnnxFiles.WithExternalData(), Api.Octets), 400, "external_data", "'w'", "one file");
        (await Api.GetAsync("/api/v1/models/outside")).Is(404);
    }

    [Fact]
    public async Task A_cut_model_file_is_refused()
    {
        var whole = OnnxFiles.Simple();
        IsProblem(await Api.PostAsync("/api/v1/models/cut/versions", whole[..(whole.Length / 2)], Api.Octets), 400, "not_onnx");
        IsProblem(await Api.PostAsync("/api/v1/models/cut/versions", [], Api.Octets), 400, "not_onnx");
    }

    [Fact]
    public async Task A_body_over_the_limit_is_413_and_says_the_limit()
    {
        const int limit = 16 << 20;
        var body = new byte[limit + 1];
        Array.Fill(body, (byte)' ');
        try
        {
            IsProblem(await Api.PostAsync("/api/v1/events", body, Api.Json), 413, "too_large", limit.ToString(CultureInfo.InvariantCulture));
        }
        catch (HttpRequestException exception) when (exception.InnerException is IOException)
        {
            // The server may close before it has read it all; then the answer is lost on this client's side only.
        }

        (await Api.GetAsync("/health/ready")).Is(200);
    }

    [Fact]
    public async Task An_id_that_comes_again_with_other_content_is_a_conflict_and_the_first_stands()
    {
        (await Api.PostAsync("/api/v1/events", Fleet.Reading("same", "twice", 5))).Done();

        IsProblem(await Api.PostAsync("/api/v1/events", Fleet.Reading("same", "twice", 6)), 400, "id_conflict", "same", "new id");
        Assert.Equal("1", (await Api.PostAsync("/api/v1/events", Fleet.Reading("same", "twice", 5))).Done()["duplicates"]);
        Assert.Equal(5, await Fleet.FeatureAsync(Api, "twice", "total:sum"));
        Assert.Equal(1, await Fleet.FeatureAsync(Api, "twice", "total:n"));
    }

    [Fact]
    public async Task Of_a_mixed_batch_the_good_items_are_kept_and_each_bad_one_is_named_by_its_index()
    {
        var batch = Fleet.Lines([Fleet.Reading("b1", "mixed", 1), "{", Fleet.Reading("b2", "mixed", 2), Fleet.Reading("b3", "mixed", 5000), Fleet.Reading("b1", "mixed", 1)]);

        var answer = (await Api.PostAsync("/api/v1/events", batch, Api.Ndjson)).Done();

        Assert.Equal(("2", "1", "2"), (answer["accepted"], answer["duplicates"], answer["rejected"]));
        Assert.Equal([1, 3], answer.Body.GetProperty("errors").EnumerateArray().Select(fault => fault.GetProperty("index").GetInt32()));
        Assert.Equal(3, await Fleet.FeatureAsync(Api, "mixed", "total:sum"));
    }

    [Theory]
    [InlineData("kind: Application", "kind: Application\ncolour: red", "colour")]
    [InlineData("clock: wall", "clock: wall\nclock: wall", "clock")]
    [InlineData("type: logistic_regression", "type: logistic_regresion", "logistic_regression")]
    [InlineData("site: {type: string}", "site: {type: strnig}", "strnig")]
    [InlineData("name: fleet", "name: fleet\n\tmaxFuture: 5m", "tab")]
    public async Task A_mistake_in_an_application_is_400_with_line_and_column(string right, string wrong, string word)
    {
        var yaml = Fleet.Yaml.Replace(right, wrong, StringComparison.Ordinal);
        Assert.NotEqual(Fleet.Yaml, yaml);

        var answer = await Api.PostAsync("/api/v1/applications?dryRun=true", yaml, Api.Yaml);

        answer.Is(400);
        var fault = answer.Body.GetProperty("errors")[0];
        Assert.True(fault.GetProperty("line").GetInt32() > 0 && fault.GetProperty("column").GetInt32() > 0);
        Assert.Contains(word, fault.GetProperty("detail").GetString(), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("GET", "/api/v1/nothing", 404)]
    [InlineData("PUT", "/api/v1/events", 405)]
    [InlineData("GET", "/api/v1/models/nobody/learner", 404)]
    [InlineData("GET", "/api/v1/predictions/nothing", 404)]
    [InlineData("GET", "/api/v1/predictions?limit=x", 400)]
    [InlineData("POST", "/api/v1/events", 415)]
    public async Task Other_refusals_are_problems_too(string method, string path, int status)
    {
        var answer = await Api.SendAsync(new HttpMethod(method), path, method == "POST" ? Encoding.UTF8.GetBytes("<x/>") : null, "application/xml");

        IsProblem(answer, status, "");
    }

    private static void IsProblem(Answer answer, int status, string code, params string[] words)
    {
        answer.Is(status);
        Assert.Equal("application/problem+json", answer.Type);
        Assert.Equal(status, answer.Body.GetProperty("status").GetInt32());
        Assert.Equal(answer["detail"], answer["error"]);
        var faults = answer.Body.GetProperty("errors").EnumerateArray().ToArray();
        var codes = faults.Select(fault => fault.GetProperty("code").GetString()).Append(answer["code"]);
        if (code.Length > 0)
            Assert.True(codes.Contains(code), $"no code {code}: {answer.Text}");
        foreach (var word in words)
            Assert.True(faults.Select(fault => fault.GetProperty("detail").GetString()!).Append(answer["detail"]!).Any(detail => detail.Contains(word, StringComparison.OrdinalIgnoreCase)), $"no word '{word}': {answer.Text}");
    }
}
