using System.Runtime.InteropServices;
using System.Text;
using OrleansMl.Inference;
using OrleansMl.Inference.Onnx;
using OrleansMl.Services;
using OrleansMl.Serving;
using OrleansMl.Storage;

namespace OrleansMl.Grains.Tests.Ensembles;

/// <summary>Ensembles over models that add a number, from their load to their unload.</summary>
[Collection(LoopCollection.Name)]
public sealed class EnsembleTests(LoopFixture loop)
{
    private readonly string _prefix = "n" + Guid.NewGuid().ToString("n")[..10];

    private IModelRepositoryService Repository => loop.Get<IModelRepositoryService>();

    [Fact]
    public async Task Models_run_one_after_the_other_and_side_by_side_and_are_averaged()
    {
        await AddersAsync(("one", 1), ("ten", 10), ("hundred", 100));
        // (x + 1) + 10 and (x + 1) + 100, 3 to 1.
        await LoadAsync("e", Config("x", "mean", Step("one", "x", "t"), Step("ten", "t", "l"), Step("hundred", "t", "r"), """{"average":{"input":["l","r"],"output":"mean","weight":[3,1]}}"""));
        Assert.Equal([33.5f + 1, 33.5f + 2], await InferAsync("e", "x", 1, 2));
        // As any model: a version of the content, with its platform and its configuration.
        var served = (await loop.Inference.DescribeAsync(Name("e"), null, default)).Value;
        Assert.Equal((true, 1, "ensemble"), (served.Ready, served.Manifest.Version, served.Config.Message.Platform));
        Assert.Equal((8, 4), (served.Config.Message.MaxBatchSize, served.Config.Message.EnsembleScheduling.Step.Count));
        Assert.Equal(("FP32", "-1,1"), (served.Manifest.Outputs[0].Datatype, string.Join(',', served.Manifest.Outputs[0].Shape)));
        var artifact = (await loop.Control.GetArtifactAsync(Name("e"), 1, default)).Value;
        Assert.Equal(served.Manifest.Ensemble, Encoding.UTF8.GetString(artifact));
    }

    [Fact]
    public async Task The_whole_is_counted_once_and_each_model_its_own_step()
    {
        await AddersAsync(("one", 1), ("ten", 10));
        await LoadAsync("e", Config("x", "y", Step("one", "x", "t"), Step("ten", "t", "y")));
        for (var i = 0; i < 5; i++)
            Assert.Equal([i + 11f, 12f], await InferAsync("e", "x", i, 1));
        foreach (var model in new[] { "e", "one", "ten" })
        {
            var counted = (await loop.Inference.ReadStatisticsAsync(Name(model), 1, default))!.Runs;
            Assert.Equal((5L, 10L, 5L), (counted.Success.Count, counted.InferenceCount, counted.ExecutionCount));
            Assert.NotNull(counted.LastInference);
        }

        // A request that does not fit is neither's.
        Assert.Equal(400, (await loop.Inference.InferAsync(new InferRequest(Name("e"), null, [Floats("z", 1)], []), default)).Error!.Status);
        Assert.Equal(400, (await loop.Inference.InferAsync(new InferRequest(Name("e"), null, [Floats("x", [.. new float[9]])], []), default)).Error!.Status);
        Assert.Equal(0, (await loop.Inference.ReadStatisticsAsync(Name("e"), 1, default))!.Runs.Fail.Count);
    }

    [Fact]
    public async Task A_switch_runs_one_of_its_models_and_says_which_values_it_knows()
    {
        await AddersAsync(("one", 1), ("ten", 10));
        string Choice(string otherwise) =>
            $$$"""{"max_batch_size":8,"input":[{{{Tensor("x")}}},{"name":"k","data_type":"TYPE_STRING","dims":[1]}],"output":[{{{Tensor("y")}}}],"ensemble_scheduling":{"step":[{"switch":{"input":"k","case":[{"value":["de","at"],{{{Step("one", "x", "y")[1..]}}}]{{{otherwise}}}}}]}}""";
        await LoadAsync("e", Choice($",\"default\":{Step("ten", "x", "y")}"));
        foreach (var (country, expected) in new[] { ("de", 6f), ("at", 6f), ("fr", 15f) })
            Assert.Equal(expected, MemoryMarshal.Read<float>((await loop.Inference.InferAsync(new InferRequest(Name("e"), null, [Floats("x", 5), Text("k", country)], []), default)).Value.Outputs[0].Data.Span));
        Assert.Equal((2L, 1L), ((await RunsAsync("one")).Success.Count, (await RunsAsync("ten")).Success.Count));

        await LoadAsync("e", Choice(""));
        var refused = await loop.Inference.InferAsync(new InferRequest(Name("e"), null, [Floats("x", 5), Text("k", "fr")], []), default);
        Assert.Equal((400, 2), (refused.Error!.Status, (await loop.Inference.DescribeAsync(Name("e"), null, default)).Value.Manifest.Version));
        Assert.Contains("'k' is 'fr', which has no case (there are 'de', 'at')", refused.Error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Labels_are_voted_on()
    {
        foreach (var (name, offset) in new[] { ("low", 0L), ("mid", 1L), ("also", 1L) })
            Assert.True((await loop.Control.RegisterAsync(new RegisterVersion(Name(name), Labels(offset)), default)).IsSuccess);
        var config = $$$"""{"max_batch_size":8,"input":[{"name":"x","data_type":"TYPE_INT64","dims":[1]}],"output":[{"name":"label","data_type":"TYPE_INT64","dims":[1]}],"ensemble_scheduling":{"step":[{{{Step("low", "x", "a")}}},{{{Step("mid", "x", "b")}}},{{{Step("also", "x", "c")}}},{"vote":{"input":["a","b","c"],"output":"label"}}]}}""";
        await LoadAsync("e", config);
        var answer = await loop.Inference.InferAsync(new InferRequest(Name("e"), null, [new Tensor("x", TensorType.Int64, new long[] { 2, 1 }, MemoryMarshal.AsBytes<long>(new[] { 5L, 6 }).ToArray())], []), default);
        Assert.Equal([6L, 7], MemoryMarshal.Cast<byte, long>(answer.Value.Outputs[0].Data.Span).ToArray());
    }

    [Fact]
    public async Task An_ensemble_may_run_ensembles_but_never_itself()
    {
        await AddersAsync(("one", 1));
        await LoadAsync("inner", Config("x", "y", Step("one", "x", "t"), Step("one", "t", "y")));
        await LoadAsync("outer", Config("x", "y", Step("inner", "x", "t"), Step("inner", "t", "y")));
        Assert.Equal([9f], await InferAsync("outer", "x", 5));
        Assert.Equal((1L, 2L, 4L), ((await RunsAsync("outer")).Success.Count, (await RunsAsync("inner")).Success.Count, (await RunsAsync("one")).Success.Count));

        var itself = await RefusedAsync("inner", Config("x", "y", Step("inner", "x", "y")));
        Assert.Contains($"{Name("inner")} → {Name("inner")}", itself, StringComparison.Ordinal);
        var circle = await RefusedAsync("inner", Config("x", "y", Step("outer", "x", "y")));
        Assert.Contains($"({Name("inner")} → {Name("outer")} → {Name("inner")})", circle, StringComparison.Ordinal);
        Assert.Equal([9f], await InferAsync("outer", "x", 5));
    }

    [Fact]
    public async Task Ensembles_lie_within_each_other_up_to_the_limit()
    {
        await AddersAsync(("e0", 1));
        for (var i = 1; i <= LoadedEnsemble.MaxDepth; i++)
            await LoadAsync($"e{i}", Config("x", "y", Step($"e{i - 1}", "x", "y")));
        Assert.Equal([6f], await InferAsync($"e{LoadedEnsemble.MaxDepth}", "x", 5));
        var deeper = await RefusedAsync("deep", Config("x", "y", Step($"e{LoadedEnsemble.MaxDepth}", "x", "y")));
        Assert.Contains("the limit is 8", deeper, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_is_gone_makes_its_ensembles_not_ready_and_names_itself_until_it_is_back()
    {
        await AddersAsync(("one", 1), ("ten", 10));
        await LoadAsync("inner", Config("x", "y", Step("one", "x", "t"), Step("ten", "t", "y")));
        await LoadAsync("outer", Config("x", "y", Step("inner", "x", "y")));
        Assert.True((await Repository.UnloadAsync(Name("ten"), false, default)).IsSuccess);
        foreach (var ensemble in new[] { "inner", "outer" })
        {
            var served = (await loop.Inference.DescribeAsync(Name(ensemble), null, default)).Value;
            Assert.False(served.Ready);
            Assert.Contains($"step 2 (model '{Name("ten")}'): model '{Name("ten")}' has no version in serving", served.Reason, StringComparison.Ordinal);
            var entry = Assert.Single(await Repository.IndexAsync(default), e => e.Model == Name(ensemble));
            Assert.Equal((false, served.Reason), (entry.IsReady, entry.Reason));
            var failed = await loop.Inference.InferAsync(new InferRequest(Name(ensemble), null, [Floats("x", 1)], []), default);
            Assert.Equal((503, "not_ready"), (failed.Error!.Status, failed.Error.Code));
            Assert.Contains(Name("ten"), failed.Error.Detail, StringComparison.Ordinal);
        }

        // The server itself serves all that it can.
        Assert.Null(loop.Control.WhyNotReady());
        Assert.True((await Repository.LoadAsync(Name("ten"), RepositoryLoad.Plain, default)).IsSuccess);
        Assert.True((await loop.Inference.DescribeAsync(Name("outer"), null, default)).Value.Ready);
        Assert.Equal([12f], await InferAsync("outer", "x", 1));
    }

    [Fact]
    public async Task A_step_takes_the_version_that_it_names_and_else_the_default_of_the_moment()
    {
        await AddersAsync(("one", 1));
        await LoadAsync("e", Config("x", "y", Step("one", "x", "y")));
        await LoadAsync("fixed", Config("x", "y", Step("one", "x", "y", 1)));
        Assert.True((await loop.Control.RegisterAsync(new RegisterVersion(Name("one"), Models.Add(2)), default)).IsSuccess);
        Assert.True((await loop.Control.LoadAsync(Name("one"), 2, default)).IsSuccess);
        Assert.Equal((7f, 6f), ((await InferAsync("e", "x", 5))[0], (await InferAsync("fixed", "x", 5))[0]));
        Assert.True((await loop.Control.UnloadAsync(Name("one"), 1, default)).IsSuccess);
        Assert.Equal([7f], await InferAsync("e", "x", 5));
        Assert.Contains("no version 1 in serving (available: 2)", (await loop.Inference.DescribeAsync(Name("fixed"), null, default)).Value.Reason, StringComparison.Ordinal);
        // A version that is registered is loaded for the ensemble that needs it.
        await LoadAsync("again", Config("x", "y", Step("one", "x", "y", 1)));
        Assert.Equal([6f], await InferAsync("fixed", "x", 5));

        // A default of another shape is a fault of the ensemble, not of its caller.
        Assert.True((await loop.Control.RegisterAsync(new RegisterVersion(Name("one"), Models.Add(1, "other")), default)).IsSuccess);
        Assert.True((await loop.Control.LoadAsync(Name("one"), 3, default)).IsSuccess);
        Assert.Contains("input 'other'", (await loop.Inference.DescribeAsync(Name("e"), null, default)).Value.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_graph_is_the_same_version_and_another_graph_the_next_one()
    {
        await AddersAsync(("one", 1), ("ten", 10));
        var first = Config("x", "y", Step("one", "x", "y"));
        Assert.Equal([1], await LoadAsync("e", first));
        Assert.Equal([1], await LoadAsync("e", first.Replace("\"step\"", "\"step\" ", StringComparison.Ordinal).Replace("-1", "0", StringComparison.Ordinal)));
        Assert.Equal([2], await LoadAsync("e", Config("x", "y", Step("ten", "x", "y"))));
        Assert.Equal([15f], await InferAsync("e", "x", 5));
        Assert.Equal([1], await LoadAsync("e", first));
        Assert.Equal([6f], await InferAsync("e", "x", 5));
        Assert.Equal([1, 2], (await loop.Control.GetModelAsync(Name("e"), default)).Value.Versions.Select(v => v.Manifest.Version));
        Assert.Equal([1], (await loop.Inference.DescribeAsync(Name("e"), null, default)).Value.Versions.AsEnumerable());

        // Loaded again without a word, it is what it was last.
        Assert.True((await Repository.UnloadAsync(Name("e"), true, default)).IsSuccess);
        Assert.Equal([1], (await Repository.LoadAsync(Name("e"), RepositoryLoad.Plain, default)).Value.AsEnumerable());
        Assert.Equal([6f], await InferAsync("e", "x", 5));
    }

    [Fact]
    public async Task An_error_in_a_step_keeps_its_status_and_names_the_step()
    {
        await AddersAsync(("one", 1), ("slow", 10));
        Assert.True((await Repository.LoadAsync(Name("slow"), RepositoryLoad.Plain with { Config = """{"max_batch_size":8,"dynamic_batching":{"preferred_batch_size":[8],"max_queue_delay_microseconds":30000000,"default_queue_policy":{"max_queue_size":1,"default_timeout_microseconds":3000000}}}""" }, default)).IsSuccess);
        await LoadAsync("e", Config("x", "y", Step("one", "x", "t"), Step("slow", "t", "y")));
        // One waits on each silo: what its own cannot take is offered to the others.
        await Eventually.IsAsync(() => Task.FromResult(loop.Get<ReplicaDirectory>().Of(new ModelVersionId(Name("slow"), 1)).Length == EngineInfo.Silos - 1 ? null : "The silos do not know of each other yet."));
        var answers = await Task.WhenAll(Enumerable.Range(0, EngineInfo.Silos + 1).Select(_ => Task.Run(() => loop.Inference.InferAsync(new InferRequest(Name("e"), null, [Floats("x", 1)], []), default))));
        Assert.Equal([(503, "queue_full"), .. Enumerable.Repeat((503, "queue_timeout"), EngineInfo.Silos)], answers.Select(a => (a.Error!.Status, a.Error.Code)).Order());
        Assert.All(answers, a => Assert.StartsWith($"Ensemble '{Name("e")}' version 1, step 2 (model '{Name("slow")}'): ", a.Error!.Detail, StringComparison.Ordinal));
        var counted = await RunsAsync("e");
        Assert.Equal(["queue_full", "queue_timeout"], counted.Rejected.Keys);
        Assert.Equal((EngineInfo.Silos + 1L, 0L), (counted.Fail.Count, counted.Success.Count));
    }

    [Fact]
    public async Task Unloading_an_ensemble_takes_its_models_along_when_asked_but_not_those_that_another_one_needs()
    {
        await AddersAsync(("one", 1), ("ten", 10), ("shared", 100), ("free", 0));
        await LoadAsync("inner", Config("x", "y", Step("one", "x", "y")));
        await LoadAsync("outer", Config("x", "y", Step("inner", "x", "t"), Step("ten", "t", "u"), Step("shared", "u", "y")));
        await LoadAsync("other", Config("x", "y", Step("shared", "x", "y")));
        Assert.True((await loop.Control.SetAliasAsync(Name("ten"), new AliasChange("champion", 1, null, null, "test"), default)).IsSuccess);
        var held = await Repository.UnloadAsync(Name("outer"), true, default);
        Assert.Equal((409, "in_use"), (held.Error!.Status, held.Error.Code));
        Assert.Contains(Name("ten"), held.Error.Detail, StringComparison.Ordinal);
        Assert.Equal([116f], await InferAsync("outer", "x", 5));

        Assert.True((await loop.Control.SetAliasAsync(Name("ten"), new AliasChange("champion", null, 1, null, "test"), default)).IsSuccess);
        Assert.True((await Repository.UnloadAsync(Name("outer"), true, default)).IsSuccess);
        var ready = (await Repository.IndexAsync(default)).Where(e => e.Model.StartsWith(_prefix, StringComparison.Ordinal) && e.IsReady).Select(e => e.Model[_prefix.Length..]);
        Assert.Equal(["free", "other", "shared"], ready);

        // Loaded again, it brings its models back.
        Assert.True((await Repository.LoadAsync(Name("ten"), RepositoryLoad.Plain, default)).IsSuccess);
        await LoadAsync("outer", Config("x", "y", Step("inner", "x", "t"), Step("ten", "t", "u"), Step("shared", "u", "y")));
        Assert.Equal([116f], await InferAsync("outer", "x", 5));
        Assert.True((await Repository.UnloadAsync(Name("outer"), false, default)).IsSuccess);
        Assert.Equal([6f], await InferAsync("inner", "x", 5));
    }

    [Fact]
    public async Task Kept_answers_of_an_ensemble_last_no_longer_than_the_versions_of_its_models()
    {
        await AddersAsync(("one", 1));
        await LoadAsync("e", Config("x", "y", Step("one", "x", "y")).Replace("{\"max_batch_size\"", "{\"response_cache\":{\"enable\":true},\"max_batch_size\"", StringComparison.Ordinal));
        for (var i = 0; i < 3; i++)
            Assert.Equal([6f], await InferAsync("e", "x", 5));
        Assert.Equal((1L, 2L), ((await RunsAsync("one")).Success.Count, (await loop.Inference.ReadStatisticsAsync(Name("e"), 1, default))!.Cache.Hits.Count));
        Assert.True((await loop.Control.RegisterAsync(new RegisterVersion(Name("one"), Models.Add(2)), default)).IsSuccess);
        Assert.True((await loop.Control.LoadAsync(Name("one"), 2, default)).IsSuccess);
        Assert.Equal([7f], await InferAsync("e", "x", 5));
    }

    [Fact]
    public async Task A_name_is_that_of_files_or_of_ensembles_never_of_both()
    {
        await AddersAsync(("one", 1));
        Assert.Contains("is a file", await RefusedAsync("one", Config("x", "y", Step("one", "x", "y")), 409), StringComparison.Ordinal);
        await LoadAsync("e", Config("x", "y", Step("one", "x", "y")));
        var file = await loop.Control.RegisterAsync(new RegisterVersion(Name("e"), Models.Add(3)), default);
        Assert.Equal((409, "kind_differs"), (file.Error!.Status, file.Error.Code));
        Assert.Contains("ensemble_scheduling", await RefusedAsync("e", """{"max_batch_size":4}"""), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"platform":"ensemble"}""", "no ensemble_scheduling")]
    [InlineData("""{"platform":"onnxruntime_onnx","ensemble_scheduling":{}}""", "'onnxruntime_onnx'")]
    [InlineData("""{"platform":"ensemble","backend":"onnxruntime","ensemble_scheduling":{}}""", "backend is 'onnxruntime'")]
    [InlineData("""{"platform":"ensemble","name":"other","ensemble_scheduling":{}}""", "'other'")]
    [InlineData("""{"platform":"ensemble","instance_group":[{"count":2}],"ensemble_scheduling":{}}""", "instance_group")]
    [InlineData("""{"max_batch_size":-1,"ensemble_scheduling":{}}""", "max_batch_size is -1")]
    [InlineData("""{"ensemble_scheduling":{},"input":[{"name":"x","dims":[1]}]}""", "data_type of input 'x'")]
    [InlineData("""{"ensemble_scheduling":{},"input":[{"name":"x","data_type":"TYPE_FP32"}]}""", "dims of input 'x'")]
    [InlineData("""{"ensemble_scheduling":{},"output":[{"name":"x","data_type":"TYPE_FP32","dims":[0]}]}""", "dims of output 'x' are [0]")]
    [InlineData("""{"ensemble_scheduling":{"step":[{"model_name":"a/b"}]}}""", "'a/b'")]
    [InlineData("""{"ensemble_scheduling":{"step":[{"model_name":"a","model_version":-2}]}}""", "-2")]
    [InlineData("""{"ensemble_scheduling":{"step":[{"model_name":"a","vote":{}}]}}""", "both model_name")]
    [InlineData("""{"ensemble_scheduling":{"step":[{"switch":{"default":{"value":["1"]}}}]}}""", "default of the switch")]
    [InlineData("""{"ensemble_scheduling":{"step":[{"model_namespace":"a"}]}}""", "model_namespace")]
    [InlineData("""{"ensemble_scheduling":{},"dynamic_batching":{}}""", "")]
    [InlineData("""{"ensemble_scheduling":{}}""", "0 steps")]
    [InlineData("""{"max_batch_size":1,"input":[{"name":"x","data_type":"TYPE_FP32","dims":[1]}],"output":[{"name":"y","data_type":"TYPE_FP32","dims":[1]}],"ensemble_scheduling":{"step":[{"model_name":"nowhere","input_map":{"x":"x"},"output_map":{"y":"y"}}]}}""", "step 1 (model 'nowhere'): there is no model 'nowhere'")]
    public async Task A_configuration_that_makes_no_ensemble_is_refused_by_name_and_leaves_no_model(string config, string word)
    {
        Assert.Contains(word, await RefusedAsync("e", config), StringComparison.Ordinal);
        Assert.Equal(404, (await loop.Control.GetModelAsync(Name("e"), default)).Error!.Status);
    }

    [Fact]
    public async Task What_does_not_fit_a_step_is_refused_with_both_sides()
    {
        await AddersAsync(("one", 1), ("narrow", 1));
        Assert.True((await Repository.LoadAsync(Name("narrow"), RepositoryLoad.Plain with { Config = """{"max_batch_size":4}""" }, default)).IsSuccess);
        Assert.Contains("max_batch_size 4, the ensemble 8", await RefusedAsync("e", Config("x", "y", Step("narrow", "x", "y"))), StringComparison.Ordinal);
        Assert.Contains($"step 1 (model '{Name("one")}'): input 'x' of model '{Name("one")}' is FP32 [-1,1]; tensor 'x' is FP32 [-1,2]", await RefusedAsync("e", Config("x", "y", Step("one", "x", "y")).Replace(Tensor("x"), Tensor("x").Replace("[1]", "[2]", StringComparison.Ordinal), StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("has no version 7 (available: 1)", await RefusedAsync("e", Config("x", "y", Step("one", "x", "y", 7))), StringComparison.Ordinal);
        var withFile = await Repository.LoadAsync(Name("e"), new RepositoryLoad(Config("x", "y", Step("one", "x", "y")), new Dictionary<string, ReadOnlyMemory<byte>> { ["1/model.onnx"] = Models.Add(1) }), default);
        Assert.Equal("invalid_file", withFile.Error!.Code);
    }

    [Fact]
    public async Task An_ensemble_shadows_a_version_and_shares_its_traffic()
    {
        await AddersAsync(("one", 1), ("ten", 10));
        await LoadAsync("e", Config("x", "y", Step("one", "x", "y")));
        Assert.True((await loop.Control.SetAliasAsync(Name("e"), new AliasChange("champion", 1, null, null, "test"), default)).IsSuccess);
        Assert.Equal([2], await LoadAsync("e", Config("x", "y", Step("ten", "x", "y"))));
        var revision = (await loop.Control.GetModelAsync(Name("e"), default)).Value.PlanRevision;
        Assert.True((await loop.Control.SetTrafficAsync(Name("e"), new TrafficChange(revision, new Traffic([], [2], false), "test"), default)).IsSuccess);
        Assert.Equal([6f], await InferAsync("e", "x", 5));
        await Eventually.IsAsync(async () => (await RunsAsync("ten")).Success.Count == 1 ? null : "the shadow has not run");
    }

    private async Task<BatchingStatistics> RunsAsync(string model) => (await loop.Inference.ReadStatisticsAsync(Name(model), 1, default))!.Runs;

    private string Name(string model) => _prefix + model;

    private async Task AddersAsync(params (string Name, float Add)[] models)
    {
        foreach (var (name, add) in models)
            Assert.True((await loop.Control.RegisterAsync(new RegisterVersion(Name(name), Models.Add(add)), default)).IsSuccess);
    }

    private async Task<IReadOnlyList<int>> LoadAsync(string model, string config)
    {
        var loaded = await Repository.LoadAsync(Name(model), RepositoryLoad.Plain with { Config = config }, default);
        Assert.True(loaded.IsSuccess, loaded.Error?.Detail);
        return loaded.Value;
    }

    private async Task<string> RefusedAsync(string model, string config, int status = 400)
    {
        var loaded = await Repository.LoadAsync(Name(model), RepositoryLoad.Plain with { Config = config }, default);
        Assert.Equal(status, loaded.Error?.Status);
        Assert.StartsWith($"failed to load '{Name(model)}': ", loaded.Error!.Detail, StringComparison.Ordinal);
        return loaded.Error.Detail;
    }

    private async Task<IReadOnlyList<float>> InferAsync(string model, string input, params float[] values)
    {
        var answer = await loop.Inference.InferAsync(new InferRequest(Name(model), null, [Floats(input, values)], []), default);
        Assert.True(answer.IsSuccess, answer.Error?.Detail);
        return MemoryMarshal.Cast<byte, float>(answer.Value.Outputs[0].Data.Span).ToArray();
    }

    private static string Config(string input, string output, params string[] steps) =>
        $$$"""{"max_batch_size":8,"platform":"ensemble","input":[{{{Tensor(input)}}}],"output":[{{{Tensor(output)}}}],"ensemble_scheduling":{"step":[{{{string.Join(',', steps)}}}]}}""";

    private static string Tensor(string name) => $$"""{"name":"{{name}}","data_type":"TYPE_FP32","dims":[1]}""";

    private string Step(string model, string input, string output, int version = -1) =>
        $$$"""{"model_name":"{{{Name(model)}}}","model_version":{{{version}}},"input_map":{"x":"{{{input}}}"},"output_map":{"y":"{{{output}}}"}}""";

    private static Tensor Floats(string name, params float[] values) => new(name, TensorType.Fp32, new long[] { values.Length, 1 }, MemoryMarshal.AsBytes<float>(values).ToArray());

    private static Tensor Text(string name, string text) => new(name, new long[] { 1, 1 }, new ReadOnlyMemory<byte>[] { Encoding.UTF8.GetBytes(text) });

    /// <summary>y = x + offset, INT64 [N, 1].</summary>
    private static byte[] Labels(long offset)
    {
        var model = Models.Graph(0);
        var graph = model.Graph;
        graph.Initializer.Clear();
        graph.Initializer.Add(new TensorProto { Name = "c", DataType = (int)TensorProto.Types.DataType.Int64, Dims = { 1 }, RawData = Google.Protobuf.ByteString.CopyFrom(BitConverter.GetBytes(offset)) });
        graph.Input[0].Type.TensorType.ElemType = (int)TensorProto.Types.DataType.Int64;
        graph.Output[0].Type.TensorType.ElemType = (int)TensorProto.Types.DataType.Int64;
        return Google.Protobuf.MessageExtensions.ToByteArray(model);
    }
}
