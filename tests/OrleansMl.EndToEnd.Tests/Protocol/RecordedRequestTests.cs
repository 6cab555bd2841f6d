using System.Globalization;
using System.Text.Json;

namespace OrleansMl.EndToEnd.Tests;

/// <summary>One server with the models of the recorded requests, if they are there.</summary>
public sealed class RecordedModelsFixture : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private ServerProcess? _server;

    /// <summary>Skips the test where the data is absent.</summary>
    internal async Task<Api> ApiAsync()
    {
        var models = Places.DataOrSkip("oip/models");
        if (_server is null)
        {
            foreach (var file in Directory.EnumerateFiles(models, "*", SearchOption.AllDirectories))
                _folder.Write(Path.Combine("models", Path.GetRelativePath(models, file)), File.ReadAllBytes(file));
            _folder.Write("models/simple_identity/1/model.onnx", OnnxFiles.IdentityOfTexts());
            _server = await ServerProcess.StartAsync(_folder.At("data"), "--models", _folder.At("models"));
        }

        return _server.Api;
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>Requests as a ready-made client of the protocol puts them on the wire.</summary>
public sealed class RecordedRequestTests(RecordedModelsFixture server) : IClassFixture<RecordedModelsFixture>
{
    private static readonly int[] Sums = [.. Enumerable.Range(1, 16)];
    private static readonly int[] Differences = [.. Enumerable.Range(-1, 16)];

    [SkippableFact]
    public async Task Request_01_plain_JSON_is_answered_with_id_name_version_and_both_outputs()
    {
        var answer = (await SendAsync("01-infer-json")).Is(200);

        Assert.Equal(Api.Json, answer.Type);
        Assert.Equal(("42", "simple", "1"), (answer["id"], answer["model_name"], answer["model_version"]));
        AssertOutput(answer, 0, "OUTPUT0", Sums);
        AssertOutput(answer, 1, "OUTPUT1", Differences);
        Assert.Equal(2, answer.Body.GetProperty("outputs").GetArrayLength());
    }

    [SkippableFact]
    public async Task Request_09_texts_with_a_zero_byte_come_back_as_they_were()
    {
        var answer = (await SendAsync("09-infer-bytes-nul-json")).Is(200);

        var output = answer.Body.GetProperty("outputs")[0];
        Assert.Equal(("OUTPUT0", "BYTES", "[1,16]"), (output.GetProperty("name").GetString(), output.GetProperty("datatype").GetString(), output.GetProperty("shape").GetRawText()));
        Assert.Equal(Enumerable.Repeat("he\0llo", 16), output.GetProperty("data").EnumerateArray().Select(e => e.GetString()));
    }

    [SkippableFact]
    public async Task Requests_18_to_20_live_and_ready_are_200()
    {
        Assert.True((await SendAsync("18-server-live")).Is(200).Body.GetProperty("live").GetBoolean());
        Assert.True((await SendAsync("19-server-ready")).Is(200).Body.GetProperty("ready").GetBoolean());
        var model = (await SendAsync("20-model-ready")).Is(200);
        Assert.Equal("simple", model["name"]);
        Assert.True(model.Body.GetProperty("ready").GetBoolean());
    }

    [SkippableFact]
    public async Task Request_21_the_server_tells_name_version_and_only_extensions_that_it_serves()
    {
        var answer = (await SendAsync("21-server-metadata")).Is(200);

        Assert.Equal("triton", answer["name"]);
        Assert.NotEmpty(answer["version"]!);
        var extensions = answer.Body.GetProperty("extensions").EnumerateArray().Select(e => e.GetString()).ToArray();
        Assert.True(extensions.Contains("binary_tensor_data") == ((await SendAsync("04-infer-binary-in-binary-out")).Status == 200));
        Assert.True(extensions.Contains("statistics") == ((await SendAsync("17-model-statistics")).Status == 200));
    }

    [SkippableFact]
    public async Task Request_22_a_model_tells_its_versions_inputs_and_outputs()
    {
        var answer = (await SendAsync("22-model-metadata")).Is(200);

        Assert.Equal("simple", answer["name"]);
        Assert.Equal("[\"1\"]", answer.Body.GetProperty("versions").GetRawText());
        Assert.Equal(["INPUT0 INT32 [-1,16]", "INPUT1 INT32 [-1,16]"], Tensors(answer, "inputs"));
        Assert.Equal(["OUTPUT0 INT32 [-1,16]", "OUTPUT1 INT32 [-1,16]"], Tensors(answer, "outputs"));
    }

    [SkippableTheory]
    [InlineData("11-infer-unknown-model")]
    [InlineData("23-model-metadata-unknown")]
    public async Task An_unknown_model_is_404_in_the_words_that_clients_look_for(string request)
    {
        var answer = (await SendAsync(request)).Is(404);

        Assert.StartsWith("Request for unknown model", answer["error"], StringComparison.Ordinal);
        Assert.Contains("wrong_model_name", answer["error"], StringComparison.Ordinal);
    }

    /// <summary>Of the protocol's extensions, which are not served: clearly refused, never half answered.</summary>
    [SkippableTheory]
    [InlineData("02-infer-mixed-in-mixed-out")]
    [InlineData("03-infer-binary-output-flag")]
    [InlineData("04-infer-binary-in-binary-out")]
    [InlineData("05-infer-gzip")]
    [InlineData("06-infer-deflate")]
    [InlineData("07-infer-bytes-mixed")]
    [InlineData("08-infer-bytes-nul-binary")]
    [InlineData("10-infer-classification")]
    [InlineData("12-sequence-int-start")]
    [InlineData("13-sequence-int-middle")]
    [InlineData("14-sequence-int-end")]
    [InlineData("15-sequence-string-start")]
    [InlineData("16-sequence-string-end")]
    [InlineData("17-model-statistics")]
    [InlineData("24-repository-index")]
    [InlineData("25-repository-load")]
    [InlineData("26-repository-load-bad-config")]
    [InlineData("27-repository-load-config")]
    [InlineData("28-model-config")]
    [InlineData("29-repository-unload")]
    [InlineData("30-repository-load-unknown")]
    public async Task A_request_of_an_extension_is_refused_with_a_reason(string request)
    {
        var answer = await SendAsync(request);

        Assert.True(answer.Status is 501 or (>= 400 and < 500), $"status {answer.Status}: {answer.Text}");
        Assert.Equal(Api.Json, answer.Type);
        Assert.True(answer["error"]!.Length > 20, answer.Text);
        // and changed nothing
        (await SendAsync("20-model-ready")).Is(200);
    }

    [SkippableFact]
    public async Task Request_01_with_other_datatypes_and_nested_data_computes_the_same()
    {
        var api = await server.ApiAsync();
        const string row = "[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]", ones = "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]";
        const string body = "{\"inputs\":[{\"name\":\"INPUT0\",\"shape\":[1,16],\"datatype\":\"INT8\",\"data\":[" + row + "]},{\"name\":\"INPUT1\",\"shape\":[1,16],\"datatype\":\"INT8\",\"data\":[" + ones + "]}]}";

        var answer = (await api.PostAsync("/v2/models/simple_int8/infer", body, null)).Is(200);

        AssertOutput(answer, 0, "OUTPUT0", Sums, "INT8");
        AssertOutput(answer, 1, "OUTPUT1", Differences, "INT8");
    }

    private static void AssertOutput(Answer answer, int index, string name, int[] data, string type = "INT32")
    {
        var output = answer.Body.GetProperty("outputs")[index];
        Assert.Equal((name, type, "[1,16]"), (output.GetProperty("name").GetString(), output.GetProperty("datatype").GetString(), output.GetProperty("shape").GetRawText()));
        Assert.Equal(data, Flat(output.GetProperty("data")));
    }

    private static IEnumerable<int> Flat(JsonElement data) =>
        data.EnumerateArray().SelectMany(e => e.ValueKind == JsonValueKind.Array ? Flat(e) : [int.Parse(e.GetRawText(), CultureInfo.InvariantCulture)]);

    private static IEnumerable<string> Tensors(Answer answer, string name) =>
        answer.Body.GetProperty(name).EnumerateArray().Select(t => $"{t.GetProperty("name").GetString()} {t.GetProperty("datatype").GetString()} {t.GetProperty("shape").GetRawText()}");

    private async Task<Answer> SendAsync(string request)
    {
        var file = Places.DataOrSkip($"oip/http-requests/{request}.request");
        return await RecordedRequest.Read(file).SendAsync(await server.ApiAsync());
    }
}
