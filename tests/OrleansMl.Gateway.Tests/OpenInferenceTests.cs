using System.Text;
using System.Text.Json;

namespace OrleansMl.Gateway.Tests;

public class OpenInferenceTests
{
    private const string Infer = "/v2/models/identity/infer";

    [Fact]
    public async Task Health_and_metadata_are_JSON_and_ignore_query_strings()
    {
        await using var host = await GatewayHost.StartAsync();
        Assert.Equal("""{"live":true}""", (await host.GetAsync("/v2/health/live?test_1=1&test_2=2")).Body);
        Assert.True((await host.GetAsync("/v2/health/ready?x"))["ready"].GetBoolean());
        var server = await host.GetAsync("/v2");
        Assert.Equal("triton", server["name"].GetString());
        var extensions = server["extensions"].EnumerateArray().Select(e => e.GetString()).ToArray();
        Assert.Equal(["binary_tensor_data", "classification", "logging", "model_configuration", "model_repository", "model_repository(unload_dependents)", "parameters", "schedule_policy", "sequence", "sequence(string_id)", "statistics", "trace"], extensions.Order(StringComparer.Ordinal));
        Assert.Equal(200, (await host.GetAsync("/v2/")).Status);
        Assert.Equal("""{"name":"simple","versions":["1","2"],"platform":"onnxruntime_onnx","inputs":[{"name":"INPUT0","datatype":"INT32","shape":[-1,16]},{"name":"INPUT1","datatype":"INT32","shape":[-1,16]}],"outputs":[{"name":"OUTPUT0","datatype":"INT32","shape":[-1,16]},{"name":"OUTPUT1","datatype":"INT32","shape":[-1,16]}]}""",
            (await host.GetAsync("/v2/models/simple?a=b")).Body);
        Assert.Equal("""{"name":"simple","ready":true}""", (await host.GetAsync("/v2/models/simple/versions/1/ready")).Body);
    }

    [Fact]
    public async Task What_is_not_ready_says_so_with_503()
    {
        await using var host = await GatewayHost.StartAsync();
        (host.Control.NotReady, host.Inference.Ready) = ("The catalog is not there yet.", false);
        var server = await host.GetAsync("/v2/health/ready");
        Assert.Equal((503, false), (server.Status, server["ready"].GetBoolean()));
        var model = await host.GetAsync("/v2/models/simple/ready");
        Assert.Equal((503, false, "simple"), (model.Status, model["ready"].GetBoolean(), model["name"].GetString()));
        Assert.Equal(200, (await host.GetAsync("/v2/health/live")).Status);
        Assert.Equal((503, "not_ready"), ((await host.GetAsync("/health/ready")).Status, (await host.GetAsync("/api/v1/health/ready")).Code));
    }

    [Theory]
    [InlineData("BOOL", "[2]", "[true,false]")]
    [InlineData("UINT8", "[2]", "[0,255]")]
    [InlineData("UINT16", "[2]", "[0,65535]")]
    [InlineData("UINT32", "[2]", "[0,4294967295]")]
    [InlineData("UINT64", "[2]", "[0,18446744073709551615]")]
    [InlineData("INT8", "[2]", "[-128,127]")]
    [InlineData("INT16", "[2]", "[-32768,32767]")]
    [InlineData("INT32", "[2]", "[-2147483648,2147483647]")]
    [InlineData("INT64", "[2]", "[-9223372036854775808,9223372036854775807]")]
    [InlineData("FP32", "[3]", "[0.1,-1.5,3.4028235E+38]")]
    [InlineData("FP64", "[3]", "[0.1,-1E-300,123456789.125]")]
    [InlineData("BYTES", "[2]", "[\"he\\u0000llo\",\"ü\"]")]
    [InlineData("INT32", "[0,4]", "[]")]
    [InlineData("INT32", "[]", "[7]")]
    public async Task A_tensor_goes_through_unchanged(string datatype, string shape, string data)
    {
        await using var host = await GatewayHost.StartAsync();
        // all orders of the members: data may come before what says how to read it
        foreach (var input in (string[])[$"\"shape\":{shape},\"datatype\":\"{datatype}\",\"data\":{data}", $"\"data\":{data},\"shape\":{shape},\"datatype\":\"{datatype}\"", $"\"datatype\":\"{datatype}\",\"data\":{data},\"shape\":{shape}"])
        {
            var answer = await host.PostAsync(Infer, $"{{\"inputs\":[{{\"name\":\"IN\",{input}}}],\"id\":\"42\"}}");
            Assert.Equal($"{{\"id\":\"42\",\"model_name\":\"identity\",\"model_version\":\"1\",\"outputs\":[{{\"name\":\"IN\",\"shape\":{shape},\"datatype\":\"{datatype}\",\"data\":{data}}}]}}", answer.Body);
        }
    }

    [Theory]
    [InlineData("[[1,2,3],[4,5,6]]", true)]
    [InlineData("[1,2,3,4,5,6]", true)]
    [InlineData("[[1,2],[3,4],[5,6]]", false)]
    [InlineData("[[1,2,3,4,5,6],[]]", false)]
    [InlineData("[[1,2,3],4,5,6]", false)]
    [InlineData("[1,2,3,[4,5,6]]", false)]
    [InlineData("[[[1,2,3],[4,5,6]]]", false)]
    [InlineData("[1,2,3,4,5]", false)]
    [InlineData("[1,2,3,4,5,6,7]", false)]
    [InlineData("[1,2,3,4,5,\"6\"]", false)]
    [InlineData("[1,2,3,4,5,6.5]", false)]
    [InlineData("[1,2,3,4,5,2147483648]", false)]
    [InlineData("[1,2,3,4,5,null]", false)]
    public async Task Data_is_flat_or_nested_as_the_shape_says(string data, bool isGood)
    {
        await using var host = await GatewayHost.StartAsync();
        var answer = await host.PostAsync(Infer, $"{{\"inputs\":[{{\"name\":\"IN\",\"shape\":[2,3],\"datatype\":\"INT32\",\"data\":{data}}}]}}");
        Assert.Equal(isGood ? 200 : 400, answer.Status);
        if (isGood)
            Assert.Equal("[1,2,3,4,5,6]", answer["outputs"][0].GetProperty("data").GetRawText());
        else
            Assert.Equal(["error"], answer.Json.EnumerateObject().Select(member => member.Name));
    }

    [Theory]
    [InlineData("""{"inputs":[{"name":"IN","shape":[1],"datatype":"FP16","data":[1]}]}""", 400, "receiving FP16 data via JSON is not supported")]
    [InlineData("""{"inputs":[{"name":"IN","shape":[2147483647,2147483647,2147483647],"datatype":"FP64","data":[1]}]}""", 400, "shape")]
    [InlineData("""{"inputs":[{"name":"IN","shape":[-1],"datatype":"FP64","data":[1]}]}""", 400, "dimension")]
    [InlineData("""{"inputs":[{"name":"IN","shape":[1],"datatype":"STRING","data":["a"]}]}""", 400, "datatype")]
    [InlineData("""{"inputs":[{"name":"IN","shape":[1],"datatype":"FP32","data":[1e39]}]}""", 400, "FP32")]
    [InlineData("""{"inputs":[{"name":"IN","shape":[1],"datatype":"BYTES","data":["\ud800"]}]}""", 400, "surrogate")]
    [InlineData("""{"inputs":[{"name":"IN","shape":[1],"datatype":"FP32"}]}""", 400, "data")]
    [InlineData("""{"inputs":[{"name":"A","shape":[0],"datatype":"FP32","data":[]},{"name":"A","shape":[0],"datatype":"FP32","data":[]}]}""", 400, "twice")]
    [InlineData("""{"id":"1"}""", 400, "inputs")]
    [InlineData("{}", 400, "inputs")]
    [InlineData("", 400, "empty")]
    [InlineData("""{"inputs":[{"name":"IN","shape":[1],"datatype":"INT32","parameters":{"binary_data_size":4}}]}""", 400, "binary_data_size")]
    [InlineData("""{"inputs":[],"parameters":{"binary_data_output":"yes"}}""", 400, "binary_data_output")]
    [InlineData("""{"inputs":[],"parameters":{"sequence_id":-1}}""", 400, "sequence_id")]
    [InlineData("""{"inputs":[],"parameters":{"sequence_id":1.5}}""", 400, "sequence_id")]
    [InlineData("""{"inputs":[],"parameters":{"sequence_id":{"a":1}}}""", 400, "sequence_id' is an object or an array")]
    [InlineData("""{"inputs":[],"parameters":{"priority":[1]}}""", 400, "priority' is an object or an array")]
    [InlineData("""{"inputs":[],"outputs":[{"name":"OUT","parameters":{"classification":[2]}}]}""", 400, "classification of output 'OUT'")]
    [InlineData("""{"inputs":[],"parameters":{"priority":-1}}""", 400, "priority")]
    [InlineData("""{"inputs":[],"parameters":{"timeout":"soon"}}""", 400, "timeout")]
    [InlineData("""{"inputs":[],"outputs":[{"name":"OUT","parameters":{"classification":"3"}}]}""", 400, "classification")]
    [InlineData("""{"inputs":[{"name":"IN","shape":[1],"datatype":"INT32","parameters":{"shared_memory_region":"a"}}]}""", 501, "shared memory")]
    public async Task A_fault_is_an_error_in_the_words_of_the_protocol(string body, int status, string word)
    {
        await using var host = await GatewayHost.StartAsync();
        var answer = await host.SendAsync("POST", Infer, body, contentType: null);
        Assert.Equal((status, "application/json"), (answer.Status, answer.ContentType));
        Assert.Contains(word, answer["error"].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_above_the_server_s_own_limit_but_below_ours_is_taken()
    {
        await using var host = await GatewayHost.StartAsync();
        var body = """{"inputs":[{"name":"IN","shape":[1],"datatype":"INT32","data":[1]}]}""" + new string(' ', 31 << 20);
        Assert.Equal(200, (await host.PostAsync(Infer, body)).Status);
    }

    [Fact]
    public async Task Custom_parameters_and_unknown_members_are_passed_over()
    {
        await using var host = await GatewayHost.StartAsync();
        var answer = await host.PostAsync(Infer, """{"model_name":"x","extra":{"a":[1]},"parameters":{"priority":1,"mine":{"x":1},"sequence_id":0},"outputs":null,"inputs":[{"name":"IN","shape":[1],"datatype":"INT32","data":[1],"parameters":{"content_type":"np"}}]}""");
        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public void An_output_that_JSON_cannot_carry_is_422()
    {
        var nan = BitConverter.GetBytes(double.NaN);
        var tensor = new Inference.Tensor("OUT", Inference.TensorType.Fp64, new long[] { 1 }, nan);
        using var stream = new MemoryStream();
        var exception = Record.Exception(() =>
        {
            using var writer = new Utf8JsonWriter(stream);
            Gateway.OpenInference.TensorJson.Write(writer, tensor);
        });
        Assert.Equal((422, "not_finite"), (Assert.IsType<Gateway.Errors.ApiException>(exception).Error.Status, ((Gateway.Errors.ApiException)exception).Error.Code));
    }

    [Fact]
    public async Task The_version_header_overrides_and_must_not_contradict_the_path()
    {
        await using var host = await GatewayHost.StartAsync();
        const string Body = """{"inputs":[{"name":"INPUT0","shape":[1],"datatype":"INT32","data":[3]},{"name":"INPUT1","shape":[1],"datatype":"INT32","data":[1]}],"outputs":[{"name":"OUTPUT1"}]}""";
        Assert.Equal(200, (await host.PostAsync("/v2/models/simple/infer", Body, ("x-model-version", "champion"))).Status);
        Assert.Equal(200, (await host.PostAsync("/v2/models/simple/versions/1/infer", Body, ("X-Model-Version", "champion"))).Status);
        var answer = await host.PostAsync("/v2/models/simple/versions/1/infer", Body, ("X-Model-Version", "1"));
        Assert.Equal("[2]", answer["outputs"][0].GetProperty("data").GetRawText());
        Assert.Equal(1, answer["outputs"].GetArrayLength());
        Assert.Equal(400, (await host.PostAsync("/v2/models/simple/versions/2/infer", Body, ("X-Model-Version", "champion"))).Status);
        Assert.Contains("Request for unknown model", (await host.PostAsync("/v2/models/simple/infer", Body, ("X-Model-Version", "7")))["error"].GetString(), StringComparison.Ordinal);
        Assert.Equal(400, (await host.GetAsync("/v2/models/simple/versions/champion")).Status);
        Assert.StartsWith("Request for unknown model", (await host.GetAsync("/v2/models/wrong"))["error"].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Routes_and_methods_that_are_not_there_answer_in_the_protocol_s_form()
    {
        await using var host = await GatewayHost.StartAsync();
        foreach (var (method, path, status) in new[] { ("POST", "/v2/repository/indices", 404), ("GET", "/v2/models/simple/generate", 404), ("GET", "/v2/systemsharedmemory/status", 501), ("POST", "/v2/cudasharedmemory/region/x/register", 501), ("DELETE", "/v2/models/simple", 405), ("GET", Infer, 405) })
        {
            var answer = await host.SendAsync(method, path);
            Assert.Equal((status, "application/json"), (answer.Status, answer.ContentType));
            Assert.NotEmpty(answer["error"].GetString()!);
        }
    }

    /// <summary>Status that each recorded request has to get over the fakes, which serve the model simple.</summary>
    public static TheoryData<string, int> Recorded => new()
    {
        { "01-infer-json", 200 }, { "02-infer-mixed-in-mixed-out", 200 }, { "03-infer-binary-output-flag", 200 }, { "04-infer-binary-in-binary-out", 200 },
        { "05-infer-gzip", 200 }, { "06-infer-deflate", 200 }, { "07-infer-bytes-mixed", 404 }, { "08-infer-bytes-nul-binary", 404 }, { "09-infer-bytes-nul-json", 404 },
        { "10-infer-classification", 200 }, { "11-infer-unknown-model", 404 }, { "12-sequence-int-start", 404 }, { "15-sequence-string-start", 404 }, { "17-model-statistics", 200 },
        { "18-server-live", 200 }, { "19-server-ready", 200 }, { "20-model-ready", 200 }, { "21-server-metadata", 200 }, { "22-model-metadata", 200 }, { "23-model-metadata-unknown", 404 },
        { "24-repository-index", 200 }, { "25-repository-load", 200 }, { "26-repository-load-bad-config", 200 }, { "27-repository-load-config", 200 }, { "28-model-config", 200 },
        { "29-repository-unload", 200 }, { "30-repository-load-unknown", 404 },
    };

    [SkippableTheory]
    [MemberData(nameof(Recorded))]
    public async Task A_recorded_request_of_an_official_client_gets_its_answer(string name, int status)
    {
        var folder = DataFolder("oip/http-requests");
        Skip.If(folder is null, "oip/http-requests is not here");
        await using var host = await GatewayHost.StartAsync();

        var answer = await RawHttp.SendAsync(host.Address, OnTheWire(await File.ReadAllBytesAsync(Path.Combine(folder, name + ".request"))));

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        if (answer.Contains("octet-stream", StringComparison.Ordinal))
            return;
        var body = JsonDocument.Parse(answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]).RootElement;
        if (status != 200)
            Assert.NotEmpty(body.GetProperty("error").GetString()!);
        if (name.StartsWith("11", StringComparison.Ordinal))
            Assert.StartsWith("Request for unknown model", body.GetProperty("error").GetString(), StringComparison.Ordinal);
        if (name.StartsWith("01", StringComparison.Ordinal))
        {
            Assert.Equal(("42", "simple", "1"), (body.GetProperty("id").GetString(), body.GetProperty("model_name").GetString(), body.GetProperty("model_version").GetString()));
            Assert.Equal(Enumerable.Range(1, 16), body.GetProperty("outputs")[0].GetProperty("data").EnumerateArray().Select(value => value.GetInt32()));
            Assert.Equal(Enumerable.Range(-1, 16), body.GetProperty("outputs")[1].GetProperty("data").EnumerateArray().Select(value => value.GetInt32()));
        }
    }

    // The recorder wrote the head with single line feeds; a server wants CRLF, and the connection shall end.
    private static byte[] OnTheWire(byte[] recorded)
    {
        var end = recorded.AsSpan().IndexOf("\n\n"u8);
        var head = Encoding.ASCII.GetString(recorded, 0, end).Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\nconnection: close\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. recorded.AsSpan(end + 2)];
    }

    private static string? DataFolder(string under)
    {
        if (Environment.GetEnvironmentVariable("ORLEANSML_DATA") is { Length: > 0 } given)
            return Directory.Exists(Path.Combine(given, under)) ? Path.Combine(given, under) : null;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", "data", under);
            if (Directory.Exists(candidate))
                return candidate;
        }

        return null;
    }
}
