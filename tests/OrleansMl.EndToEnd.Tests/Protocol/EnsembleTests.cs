using System.Globalization;
using System.Runtime.InteropServices;
using Grpc.Core;
using Grpc.Net.Client;
using OrleansMl.Protocol;

namespace OrleansMl.EndToEnd.Tests;

/// <summary>Ensembles of a models folder, over REST and gRPC.</summary>
public sealed class EnsembleTests : IDisposable
{
    /// <summary>twice = (a + b) + (a − b), as Triton's users write it.</summary>
    private const string Chain = """
        name: "a_chain"
        platform: "ensemble"
        max_batch_size: 4
        input [
          { name: "A" data_type: TYPE_INT32 dims: [ 16 ] },
          { name: "B" data_type: TYPE_INT32 dims: [ 16 ] }
        ]
        output [ { name: "TWICE" data_type: TYPE_INT32 dims: [ 16 ] } ]
        ensemble_scheduling {
          step [
            {
              model_name: "simple"
              model_version: -1
              input_map { key: "INPUT0" value: "sum" }
              input_map { key: "INPUT1" value: "difference" }
              output_map { key: "OUTPUT0" value: "TWICE" }
            },
            {
              model_name: "simple"
              model_version: -1
              input_map { key: "INPUT0" value: "A" }
              input_map { key: "INPUT1" value: "B" }
              output_map { key: "OUTPUT0" value: "sum" }
              output_map { key: "OUTPUT1" value: "difference" }
            }
          ]
        }
        """;

    /// <summary>a + b or a − b, as the text says.</summary>
    private const string Choice = """
        platform: "ensemble"
        input [ { name: "A" data_type: TYPE_INT32 dims: [ -1, 16 ] }, { name: "B" data_type: TYPE_INT32 dims: [ -1, 16 ] }, { name: "HOW" data_type: TYPE_STRING dims: [ 1 ] } ]
        output { name: "RESULT" data_type: TYPE_INT32 dims: [ -1, 16 ] }
        ensemble_scheduling {
          step {
            switch {
              input: "HOW"
              case { value: "plus" model_name: "simple" input_map [ { key: "INPUT0" value: "A" }, { key: "INPUT1" value: "B" } ] output_map { key: "OUTPUT0" value: "RESULT" } }
              case { value: "minus" model_name: "swapped" input_map [ { key: "INPUT0" value: "A" }, { key: "INPUT1" value: "B" } ] output_map { key: "OUTPUT0" value: "RESULT" } }
            }
          }
        }
        """;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_models_folder_with_ensembles_is_served_over_REST_and_gRPC_like_any_models()
    {
        _folder.Write("models/a_chain/config.pbtxt", Chain);
        Directory.CreateDirectory(_folder.At("models/a_chain/1"));
        _folder.Write("models/a_choice/config.pbtxt", Choice);
        _folder.Write("models/simple/1/model.onnx", OnnxFiles.Simple());
        _folder.Write("models/swapped.onnx", OnnxFiles.Swapped());
        await using var server = await ServerProcess.StartAsync(_folder.At("data"), "--models", _folder.At("models"));
        using var channel = GrpcChannel.ForAddress($"http://{server.Word("grpc")}");
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        var api = server.Api;

        var metadata = (await api.GetAsync("/v2/models/a_chain")).Is(200);
        Assert.Equal("""{"name":"a_chain","versions":["1"],"platform":"ensemble","inputs":[{"name":"A","datatype":"INT32","shape":[-1,16]},{"name":"B","datatype":"INT32","shape":[-1,16]}],"outputs":[{"name":"TWICE","datatype":"INT32","shape":[-1,16]}]}""", metadata.Text);
        Assert.Equal("ensemble", (await client.ModelMetadataAsync(new() { Name = "a_chain" })).Platform);
        var config = (await api.GetAsync("/v2/models/a_chain/config")).Is(200);
        Assert.Equal(("ensemble", "4"), (config["platform"], config["max_batch_size"]));
        Assert.Equal(2, config.Body.GetProperty("ensemble_scheduling").GetProperty("step").GetArrayLength());
        Assert.Equal("TWICE", (await client.ModelConfigAsync(new() { Name = "a_chain" })).Config.EnsembleScheduling.Step[0].OutputMap["OUTPUT0"]);
        (await api.GetAsync("/v2/models/a_chain/ready")).Is(200);

        Assert.Equal(Enumerable.Range(0, 16).Select(i => 2 * i), await InferAsync(api, "a_chain", ""));
        Assert.Equal(Enumerable.Range(0, 16).Select(i => i + 100), await InferAsync(api, "a_choice", How("plus")));
        Assert.Equal(Enumerable.Range(0, 16).Select(i => i - 100), await InferAsync(api, "a_choice", How("minus")));
        var answer = await client.ModelInferAsync(Request("a_chain"));
        Assert.Equal(("a_chain", "1", "TWICE"), (answer.ModelName, answer.ModelVersion, answer.Outputs.Single().Name));
        Assert.Equal(Enumerable.Range(0, 16).Select(i => 2 * i), MemoryMarshal.Cast<byte, int>(answer.RawOutputContents[0].Span).ToArray());

        Assert.Equal((2L, 5L), (await CountAsync(api, "a_chain"), await CountAsync(api, "simple")));
        var stats = (await client.ModelStatisticsAsync(new() { Name = "a_chain" })).ModelStats.Single();
        Assert.Equal((2UL, 2UL, 0UL), (stats.InferenceCount, stats.InferenceStats.Success.Count, stats.InferenceStats.ComputeInfer.Count));

        var unknown = (await api.PostAsync("/v2/models/a_choice/infer", Body(How("times")))).Is(400);
        Assert.Contains("Ensemble 'a_choice' version 1, step 1 (switch on 'HOW'): Tensor 'HOW' is 'times', which has no case (there are 'plus', 'minus')", unknown["error"], StringComparison.Ordinal);
        Assert.Equal(StatusCode.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(() => client.ModelInferAsync(Request("a_choice")).ResponseAsync)).StatusCode);

        // Without a model that it runs an ensemble is not ready, over both, and never a 500.
        (await api.PostAsync("/v2/repository/models/swapped/unload", "{}")).Is(200);
        Assert.Contains("swapped", (await api.GetAsync("/v2/models/a_choice/ready")).Is(503)["error"], StringComparison.Ordinal);
        Assert.False((await client.ModelReadyAsync(new() { Name = "a_choice" })).Ready);
        Assert.Contains("step 1 (switch on 'HOW'), model 'swapped'", (await api.PostAsync("/v2/models/a_choice/infer", Body(How("minus")))).Is(503)["error"], StringComparison.Ordinal);
        var states = (await client.RepositoryIndexAsync(new())).Models.ToDictionary(m => m.Name, m => (m.State, m.Reason));
        Assert.Equal("UNAVAILABLE", states["a_choice"].State);
        Assert.Contains("swapped", states["a_choice"].Reason, StringComparison.Ordinal);
        Assert.Equal("READY", states["a_chain"].State);
        (await api.GetAsync("/v2/health/ready")).Is(200);

        // An ensemble that is loaded brings its models; one that is unloaded with its dependents takes those that no other needs.
        (await api.PostAsync("/v2/repository/models/a_choice/load", "{}")).Is(200);
        Assert.Equal(Enumerable.Range(0, 16).Select(i => i - 100), await InferAsync(api, "a_choice", How("minus")));
        await client.RepositoryModelUnloadAsync(new() { ModelName = "a_choice", Parameters = { ["unload_dependents"] = new() { BoolParam = true } } });
        Assert.Equal(["a_chain", "simple"], (await client.RepositoryIndexAsync(new() { Ready = true })).Models.Select(m => m.Name));
        (await api.PostAsync("/v2/repository/models/a_chain/unload", """{"parameters":{"unload_dependents":true}}""")).Is(200);
        Assert.Empty((await client.RepositoryIndexAsync(new() { Ready = true })).Models);
    }

    [Theory]
    [InlineData("model_name: \"simple\"", "model_name: \"absent\"", "failed to load 'a_chain'", "there is no model 'absent'")]
    [InlineData("value: \"sum\"", "value: \"TWICE\"", "failed to load 'a_chain'", "'TWICE'")]
    [InlineData("model_version: -1", "model_namespace: \"x\"", "config.pbtxt:13:7", "'ensemble_scheduling.step.model_namespace'")]
    public async Task A_graph_that_cannot_run_ends_the_start_with_its_name_and_the_reason(string written, string instead, params string[] words)
    {
        _folder.Write("models/simple/1/model.onnx", OnnxFiles.Simple());
        _folder.Write("models/a_chain/config.pbtxt", Chain.Replace(written, instead, StringComparison.Ordinal));
        var run = await ProgramRun.OfAsync("up", "--data", _folder.At("data"), "--http", "0", "--grpc", "0", "--models", _folder.At("models"));
        Assert.Equal(2, run.ExitCode);
        Assert.All(words, word => Assert.Contains(word, run.Error, StringComparison.Ordinal));
    }

    private static async Task<IEnumerable<int>> InferAsync(Api api, string model, string more) =>
        (await api.PostAsync($"/v2/models/{model}/infer", Body(more))).Is(200).Body.GetProperty("outputs")[0].GetProperty("data").EnumerateArray().Select(v => v.GetInt32()).ToArray();

    private static async Task<long> CountAsync(Api api, string model) =>
        (await api.GetAsync($"/v2/models/{model}/stats")).Is(200).Body.GetProperty("model_stats")[0].GetProperty("inference_count").GetInt64();

    private static string How(string text) => $$""",{"name":"HOW","datatype":"BYTES","shape":[1],"data":["{{text}}"]}""";

    private static string Body(string more)
    {
        var numbers = string.Join(',', Enumerable.Range(0, 16).Select(i => i.ToString(CultureInfo.InvariantCulture)));
        var hundreds = string.Join(',', Enumerable.Repeat("100", 16));
        return $$"""{"inputs":[{"name":"A","datatype":"INT32","shape":[1,16],"data":[{{numbers}}]},{"name":"B","datatype":"INT32","shape":[1,16],"data":[{{hundreds}}]}{{more}}]}""";
    }

    private static ModelInferRequest Request(string model) => new()
    {
        ModelName = model,
        Inputs = { Input("A", [.. Enumerable.Range(0, 16)]), Input("B", [.. Enumerable.Repeat(100, 16)]) },
    };

    private static ModelInferRequest.Types.InferInputTensor Input(string name, int[] values) =>
        new() { Name = name, Datatype = "INT32", Shape = { 1, values.Length }, Contents = new InferTensorContents { IntContents = { values } } };
}
