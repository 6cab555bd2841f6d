namespace OrleansMl.EndToEnd.Tests;

/// <summary>A models folder with config.pbtxt: what is taken, and what is said of the rest.</summary>
public sealed class ModelsFolderTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("max_batch_size: 8\noptimization { eager_batching: true }", "config.pbtxt:2:16", "'optimization.eager_batching'")]
    [InlineData("instance_group { kind: KIND_GPU gpus: [ 9999 ] }", "'cuda:9999' cannot be had", "Serving:Devices:Fallback")]
    [InlineData("input [ { name: \"INPUT0\"\n  dims: [ x ] } ]", "config.pbtxt:2:11", "'input.dims'")]
    [InlineData("max_batch_size: 8 input [ { name: \"INPUT0\" data_type: TYPE_FP32 dims: [ 16 ] }, { name: \"INPUT1\" data_type: TYPE_INT32 dims: [ 16 ] } ]", "TYPE_FP32", "TYPE_INT32")]
    [InlineData("max_batch_size: 8 output { name: \"OTHER\" data_type: TYPE_INT32 dims: 16 }", "'OTHER'", "OUTPUT0")]
    [InlineData("output { name: \"OUTPUT0\" data_type: TYPE_INT32 dims: 17 }", "[17]", "[-1,16]")]
    [InlineData("output { name: \"OUTPUT0\" data_type: TYPE_INT32 dims: 16 label_filename: \"no.txt\" }", "label_filename", "'no.txt'")]
    [InlineData("output { name: \"OUTPUT0\" data_type: TYPE_INT32 dims: 16 label_filename: \"../simple/1/model.onnx\" }", "label_filename", "there is no such file")]
    [InlineData("name: \"other\"", "'other'", "'simple'")]
    [InlineData("platform: \"tensorrt_plan\"", "tensorrt_plan", "onnxruntime_onnx")]
    public async Task A_configuration_that_is_not_supported_or_does_not_fit_ends_the_start_with_its_place_and_both_values(string config, string place, string word)
    {
        _folder.Write("models/simple/1/model.onnx", OnnxFiles.Simple());
        _folder.Write("models/simple/config.pbtxt", config);

        var run = await ProgramRun.OfAsync("up", "--data", _folder.At("data"), "--http", "0", "--grpc", "0", "--models", _folder.At("models"));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("failed to load 'simple'", run.Error, StringComparison.Ordinal);
        Assert.Contains(place, run.Error, StringComparison.Ordinal);
        Assert.Contains(word, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_labels_of_a_file_stand_beside_the_classes()
    {
        _folder.Write("models/simple/1/model.onnx", OnnxFiles.Simple());
        _folder.Write("models/simple/labels.txt", string.Join('\n', Enumerable.Range(0, 16).Select(i => $"label {i}")));
        _folder.Write("models/simple/config.pbtxt", "max_batch_size: 8 output [ { name: \"OUTPUT0\" data_type: TYPE_INT32 dims: 16 label_filename: \"labels.txt\" }, { name: \"OUTPUT1\" data_type: TYPE_INT32 dims: 16 } ]");
        await using var server = await ServerProcess.StartAsync(_folder.At("data"), "--models", _folder.At("models"));
        var numbers = string.Join(',', Enumerable.Range(0, 16).Select(i => i == 11 ? 70 : i));
        var answer = (await server.Api.PostAsync("/v2/models/simple/infer", $$$"""
            {"inputs":[{"name":"INPUT0","shape":[1,16],"datatype":"INT32","data":[{{{numbers}}}]},{"name":"INPUT1","shape":[1,16],"datatype":"INT32","data":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}],
             "outputs":[{"name":"OUTPUT0","parameters":{"classification":2}}]}
            """)).Is(200);
        Assert.Equal("""["70:11:label 11","15:15:label 15"]""", answer.Body.GetProperty("outputs")[0].GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task With_lenient_config_what_is_not_supported_is_passed_over_and_the_version_policy_says_what_is_loaded()
    {
        _folder.Write("models/simple/1/model.onnx", OnnxFiles.Simple());
        _folder.Write("models/simple/2/model.onnx", OnnxFiles.Swapped());
        _folder.Write("models/simple/config.pbtxt", "max_batch_size: 4\nversion_policy { all {} }\noptimization { eager_batching: true }");
        await using var server = await ServerProcess.StartAsync(_folder.At("data"), "--models", _folder.At("models"), "--lenient-config");

        Assert.Equal("[\"1\",\"2\"]", (await server.Api.GetAsync("/v2/models/simple")).Is(200).Body.GetProperty("versions").GetRawText());
        Assert.Equal("4", (await server.Api.GetAsync("/v2/models/simple/config")).Is(200)["max_batch_size"]);

        // What was changed in the folder counts with the next load; a version that a load brings along is served.
        _folder.Write("models/simple/config.pbtxt", "max_batch_size: 5 version_policy { specific { versions: 1 } }");
        (await server.Api.PostAsync("/v2/repository/models/simple/load", "", null)).Is(200);
        Assert.Equal("[\"1\"]", (await server.Api.GetAsync("/v2/models/simple")).Is(200).Body.GetProperty("versions").GetRawText());
        Assert.Equal("5", (await server.Api.GetAsync("/v2/models/simple/config")).Is(200)["max_batch_size"]);
        var file = Convert.ToBase64String(OnnxFiles.Simple());
        (await server.Api.PostAsync("/v2/repository/models/brought/load", $"{{\"parameters\":{{\"config\":\"{{\\\"max_batch_size\\\":3}}\",\"file:7/model.onnx\":\"{file}\"}}}}")).Is(200);
        Assert.Equal("[\"7\"]", (await server.Api.GetAsync("/v2/models/brought")).Is(200).Body.GetProperty("versions").GetRawText());
        Assert.Equal("3", (await server.Api.GetAsync("/v2/models/brought/config")).Is(200)["max_batch_size"]);
        (await server.Api.PutAsync("/api/v1/models/brought/aliases/champion", "{\"version\":\"7\",\"expected\":null}")).Done();
        Assert.Contains("champion", (await server.Api.PostAsync("/v2/repository/models/brought/unload", "{}")).Is(409)["error"], StringComparison.Ordinal);
    }
}
