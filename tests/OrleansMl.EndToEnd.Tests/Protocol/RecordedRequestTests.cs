using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace OrleansMl.EndToEnd.Tests;

/// <summary>One server with the models of the recorded requests, if they are there.</summary>
public sealed class RecordedModelsFixture : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private ServerProcess? _server;

    /// <summary>The server; started by <see cref="ApiAsync"/>.</summary>
    internal ServerProcess Server => _server!;

    /// <summary>Skips the test where the data is absent.</summary>
    internal async Task<Api> ApiAsync()
    {
        var models = Places.DataOrSkip("oip/models");
        if (_server is null)
        {
            foreach (var file in Directory.EnumerateFiles(models, "*", SearchOption.AllDirectories))
                _folder.Write(Path.Combine("models", Path.GetRelativePath(models, file)), File.ReadAllBytes(file));
            _folder.Write("models/simple_identity/1/model.onnx", OnnxFiles.IdentityOfTexts());
            _folder.Write("models/simple_identity/config.pbtxt", "max_batch_size: 8"u8.ToArray());
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

    [SkippableTheory]
    [InlineData("02-infer-mixed-in-mixed-out", "OUTPUT0")]
    [InlineData("03-infer-binary-output-flag", "OUTPUT0 OUTPUT1")]
    [InlineData("05-infer-gzip", "OUTPUT0")]
    [InlineData("06-infer-deflate", "OUTPUT0")]
    public async Task Requests_02_03_05_06_subtract_minus_one_and_give_what_is_wanted_as_bytes(string request, string binary)
    {
        var answer = (await SendAsync(request)).Is(200);

        AssertNumbers(answer, "OUTPUT0", Differences, binary.Contains("OUTPUT0", StringComparison.Ordinal));
        AssertNumbers(answer, "OUTPUT1", Sums, binary.Contains("OUTPUT1", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task Request_04_binary_both_ways()
    {
        var answer = (await SendAsync("04-infer-binary-in-binary-out")).Is(200);

        Assert.Equal(Api.Octets, answer.Type);
        AssertNumbers(answer, "OUTPUT0", Sums, true);
        AssertNumbers(answer, "OUTPUT1", Differences, true);
    }

    [SkippableFact]
    public async Task Requests_07_and_08_texts_as_bytes()
    {
        var mixed = (await SendAsync("07-infer-bytes-mixed")).Is(200);
        Assert.Equal(Sums.Select(i => i.ToString(CultureInfo.InvariantCulture)), Texts(Binary(mixed, "OUTPUT0")!));
        Assert.Equal(Differences.Select(i => i.ToString(CultureInfo.InvariantCulture)), Output(mixed, "OUTPUT1").GetProperty("data").EnumerateArray().Select(e => e.GetString()));

        var nul = (await SendAsync("08-infer-bytes-nul-binary")).Is(200);
        Assert.Equal(Enumerable.Repeat("he\0llo", 16), Texts(Binary(nul, "OUTPUT0")!));
    }

    [SkippableFact]
    public async Task Request_10_classification_gives_the_three_best()
    {
        var answer = (await SendAsync("10-infer-classification")).Is(200);

        Assert.Equal("43", answer["id"]);
        var output = Assert.Single(answer.Body.GetProperty("outputs").EnumerateArray());
        Assert.Equal(("OUTPUT0", "BYTES", "[1,3]", """["16:15","15:14","14:13"]"""), (output.GetProperty("name").GetString(), output.GetProperty("datatype").GetString(), output.GetProperty("shape").GetRawText(), output.GetProperty("data").GetRawText()));
    }

    [SkippableFact]
    public async Task Requests_12_to_16_sequences_by_number_and_by_text()
    {
        AssertNumbers((await SendAsync("12-sequence-int-start")).Is(200), "OUTPUT", [1], true);
        AssertNumbers((await SendAsync("13-sequence-int-middle")).Is(200), "OUTPUT", [11], true);
        AssertNumbers((await SendAsync("14-sequence-int-end")).Is(200), "OUTPUT", [1001], true);
        Assert.Contains("START", (await SendAsync("13-sequence-int-middle")).Is(400)["error"], StringComparison.Ordinal);
        AssertNumbers((await SendAsync("15-sequence-string-start")).Is(200), "OUTPUT", [21], true);
        AssertNumbers((await SendAsync("16-sequence-string-end")).Is(200), "OUTPUT", [-1], true);
    }

    [SkippableFact]
    public async Task Request_17_statistics_count_rows_runs_and_failures()
    {
        async Task<JsonElement> CountsAsync() => Assert.Single((await SendAsync("17-model-statistics")).Is(200).Body.GetProperty("model_stats").EnumerateArray());
        var before = await CountsAsync();
        string[] counted = ["01-infer-json", "02-infer-mixed-in-mixed-out", "03-infer-binary-output-flag", "04-infer-binary-in-binary-out", "05-infer-gzip", "06-infer-deflate", "10-infer-classification"];
        foreach (var request in counted)
            (await SendAsync(request)).Is(200);
        (await SendAsync("11-infer-unknown-model")).Is(404);
        var after = await CountsAsync();

        int Rise(string name) => after.GetProperty(name).GetInt32() - before.GetProperty(name).GetInt32();
        Assert.Equal(("simple", "1"), (after.GetProperty("name").GetString(), after.GetProperty("version").GetString()));
        Assert.Equal((counted.Length, counted.Length), (Rise("inference_count"), Rise("execution_count")));
        foreach (var phase in new[] { "success", "fail", "queue", "compute_input", "compute_infer", "compute_output", "cache_hit", "cache_miss" })
            Assert.True(after.GetProperty("inference_stats").GetProperty(phase).GetProperty("ns").GetInt64() >= 0, phase);
        Assert.True(after.GetProperty("last_inference").GetInt64() > 1_600_000_000_000);
        Assert.Equal(1, after.GetProperty("batch_stats")[0].GetProperty("batch_size").GetInt32());
    }

    [SkippableFact]
    public async Task Requests_24_to_30_the_repository()
    {
        var index = (await SendAsync("24-repository-index")).Is(200).Body.EnumerateArray().Select(e => (e.GetProperty("name").GetString(), e.GetProperty("state").GetString())).ToArray();
        Assert.Contains(("simple", "READY"), index);
        Assert.Equal(6, index.Length);
        (await SendAsync("25-repository-load")).Is(200);
        Assert.Contains("failed to load", (await SendAsync("26-repository-load-bad-config")).Is(400)["error"], StringComparison.Ordinal);
        Assert.Equal(8, (await SendAsync("28-model-config")).Is(200).Body.GetProperty("max_batch_size").GetInt32());
        (await SendAsync("27-repository-load-config")).Is(200);
        var config = (await SendAsync("28-model-config")).Is(200).Body;
        Assert.Equal((16, "simple", "TYPE_INT32", "[16]"), (config.GetProperty("max_batch_size").GetInt32(), config.GetProperty("name").GetString(), config.GetProperty("input")[1].GetProperty("data_type").GetString(), config.GetProperty("output")[0].GetProperty("dims").GetRawText()));
        (await SendAsync("29-repository-unload")).Is(200);
        var gone = (await SendAsync("20-model-ready")).Is(503);
        Assert.Equal(("simple", "False"), (gone["name"], gone["ready"]));
        Assert.Contains("Request for unknown model", (await SendAsync("02-infer-mixed-in-mixed-out")).Is(503)["error"], StringComparison.Ordinal);
        Assert.Contains("Request for unknown model", (await SendAsync("01-infer-json")).Is(404)["error"], StringComparison.Ordinal);
        (await SendAsync("19-server-ready")).Is(200);
        Assert.Contains("failed to load", (await SendAsync("30-repository-load-unknown")).Is(404)["error"], StringComparison.Ordinal);

        // Loaded again without a configuration it has that of its folder.
        (await SendAsync("25-repository-load")).Is(200);
        Assert.Equal(8, (await SendAsync("28-model-config")).Is(200).Body.GetProperty("max_batch_size").GetInt32());
    }

    [SkippableFact]
    public async Task A_request_above_max_batch_size_or_with_uneven_rows_is_refused()
    {
        var api = await server.ApiAsync();
        string Input(string name, int rows) => $"{{\"name\":\"{name}\",\"shape\":[{rows},16],\"datatype\":\"INT32\",\"data\":[{string.Join(',', Enumerable.Repeat(0, rows * 16))}]}}";
        (await api.PostAsync("/v2/models/simple/infer", $"{{\"inputs\":[{Input("INPUT0", 8)},{Input("INPUT1", 8)}]}}")).Is(200);
        Assert.Contains("batch-size must be <= 8", (await api.PostAsync("/v2/models/simple/infer", $"{{\"inputs\":[{Input("INPUT0", 9)},{Input("INPUT1", 9)}]}}")).Is(400)["error"], StringComparison.Ordinal);
        Assert.Contains("rows", (await api.PostAsync("/v2/models/simple/infer", $"{{\"inputs\":[{Input("INPUT0", 2)},{Input("INPUT1", 1)}]}}")).Is(400)["error"], StringComparison.Ordinal);
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

    private static void AssertNumbers(Answer answer, string name, int[] numbers, bool isBinary)
    {
        var bytes = Binary(answer, name);
        Assert.Equal(isBinary, bytes is not null);
        Assert.Equal(numbers, bytes is null ? Flat(Output(answer, name).GetProperty("data")) : MemoryMarshal.Cast<byte, int>(bytes).ToArray());
    }

    private static JsonElement Output(Answer answer, string name) => Header(answer).GetProperty("outputs").EnumerateArray().Single(o => o.GetProperty("name").GetString() == name);

    /// <summary>The bytes of an output; null where it is JSON.</summary>
    private static byte[]? Binary(Answer answer, string name)
    {
        var at = answer.HeaderLength ?? 0;
        foreach (var output in Header(answer).GetProperty("outputs").EnumerateArray())
        {
            var size = output.TryGetProperty("parameters", out var parameters) ? parameters.GetProperty("binary_data_size").GetInt32() : 0;
            if (output.GetProperty("name").GetString() == name)
                return size == 0 ? null : Plain(answer)[at..(at + size)];
            at += size;
        }

        throw new InvalidOperationException($"There is no output '{name}'.");
    }

    private static JsonElement Header(Answer answer) => JsonDocument.Parse(Plain(answer).AsMemory(0, answer.HeaderLength ?? Plain(answer).Length)).RootElement;

    private static byte[] Plain(Answer answer)
    {
        if (answer.Coding is null)
            return answer.Bytes;
        using var packed = new MemoryStream(answer.Bytes);
        using Stream stream = answer.Coding == "gzip" ? new GZipStream(packed, CompressionMode.Decompress) : new ZLibStream(packed, CompressionMode.Decompress);
        using var plain = new MemoryStream();
        stream.CopyTo(plain);
        return plain.ToArray();
    }

    private static IEnumerable<string> Texts(byte[] bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
            yield return Encoding.UTF8.GetString(bytes, at + 4, length);
            at += 4 + length;
        }
    }

    private static IEnumerable<string> Tensors(Answer answer, string name) =>
        answer.Body.GetProperty(name).EnumerateArray().Select(t => $"{t.GetProperty("name").GetString()} {t.GetProperty("datatype").GetString()} {t.GetProperty("shape").GetRawText()}");

    private async Task<Answer> SendAsync(string request)
    {
        var file = Places.DataOrSkip($"oip/http-requests/{request}.request");
        return await RecordedRequest.Read(file).SendAsync(await server.ApiAsync());
    }
}
