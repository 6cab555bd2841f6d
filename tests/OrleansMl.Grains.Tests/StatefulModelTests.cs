using System.Runtime.InteropServices;
using Google.Protobuf;
using OrleansMl.Inference;
using OrleansMl.Inference.Onnx;
using OrleansMl.Services;
using OrleansMl.Serving;

namespace OrleansMl.Grains.Tests;

/// <summary>Models whose state the server keeps from one request of a sequence to the next.</summary>
[Collection(LoopCollection.Name)]
public sealed class StatefulModelTests(LoopFixture loop)
{
    private const string Sum = """{"max_batch_size":8,"sequence_batching":{"max_sequence_idle_microseconds":600000000,"state":[{"input_name":"s","output_name":"sum","data_type":"TYPE_FP32","dims":[1]}]}}""";

    [Fact]
    public async Task State_goes_from_one_request_of_a_sequence_to_the_next_and_sequences_do_not_meet()
    {
        var model = await ModelAsync(Sum);
        Assert.Equal(1f, Value(await InferAsync(model, 1, 1, start: true)));
        Assert.Equal(100f, Value(await InferAsync(model, 2, 100, start: true)));
        Assert.Equal(3f, Value(await InferAsync(model, 1, 2)));
        Assert.Equal(110f, Value(await InferAsync(model, 2, 10)));
        Assert.Equal(6f, Value(await InferAsync(model, 1, 3, end: true)));
        Assert.Equal(400, (await InferAsync(model, 1, 3)).Error!.Status);
        Assert.Equal(7f, Value(await InferAsync(model, 1, 7, start: true)));
        Assert.Equal(5f, Value(await InferAsync(model, 1, 5, start: true)));
    }

    [Fact]
    public async Task Requests_of_one_sequence_that_come_at_once_are_each_added_once()
    {
        var model = await ModelAsync(Sum.Replace("\"state\"", "\"oldest\":{\"max_candidate_sequences\":8},\"state\"", StringComparison.Ordinal));
        await Task.WhenAll(Enumerable.Range(1, 8).Select(async id =>
        {
            Assert.True((await InferAsync(model, (ulong)id, 0, start: true)).IsSuccess);
            var sums = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => InferAsync(model, (ulong)id, id))));
            Assert.Equal(Enumerable.Range(1, 20).Select(n => (float)n * id), sums.Select(Value).Order());
        }));
    }

    [Fact]
    public async Task Callers_see_neither_the_state_that_goes_in_nor_the_one_that_comes_out_unless_they_name_it()
    {
        var model = await ModelAsync(Sum);
        var described = (await loop.Inference.DescribeAsync(model, null, default)).Value;
        Assert.Equal(["x", "y"], described.Inputs.Concat(described.Outputs).Select(t => t.Name));
        Assert.Equal(["x", "y"], [.. described.Config.Message.Input.Select(i => i.Name), .. described.Config.Message.Output.Select(o => o.Name)]);
        Assert.Equal(["y"], (await InferAsync(model, 1, 1, start: true)).Value.Outputs.Select(o => o.Name));
        Assert.Equal(["sum", "y"], (await InferAsync(model, 1, 1, outputs: ["sum", "y"])).Value.Outputs.Select(o => o.Name));
        var given = await loop.Inference.InferAsync(new InferRequest(model, null, [Floats("x", 1), Floats("s", 1)], []) { Parameters = new InferParameters { Sequence = new SequenceId(1, null) } }, default);
        Assert.Equal(400, given.Error!.Status);
        Assert.Contains("'s'", given.Error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sequence_stays_with_the_version_it_was_begun_on_and_with_its_number_of_rows()
    {
        var model = await ModelAsync(Sum.Replace("\"max_batch_size\":8", "\"max_batch_size\":8,\"version_policy\":{\"all\":{}}", StringComparison.Ordinal));
        Assert.Equal((1f, 1), (Value(await InferAsync(model, 1, 1, start: true)), (await InferAsync(model, 2, 1, start: true)).Value.Version));
        Assert.True((await loop.Control.RegisterAsync(new RegisterVersion(model, Accumulator(10)), default)).IsSuccess);
        Assert.True((await loop.Get<IModelRepositoryService>().LoadAsync(model, RepositoryLoad.Plain, default)).IsSuccess);
        await CatchUpAsync(model);
        Assert.Equal(2, (await InferAsync(model, 3, 1, start: true)).Value.Version);
        var next = await InferAsync(model, 1, 2);
        Assert.Equal((3f, 1), (Value(next), next.Value.Version));
        var more = await loop.Inference.InferAsync(new InferRequest(model, null, [Floats("x", 1, 2)], []) { Parameters = new InferParameters { Sequence = new SequenceId(1, null) } }, default);
        Assert.Equal(400, more.Error!.Status);
        Assert.Contains("begun with 1 rows and this request has 2", more.Error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_fails_leaves_the_state_as_it_was()
    {
        var model = await ModelAsync(Sum);
        Assert.Equal(1f, Value(await InferAsync(model, 1, 1, start: true)));
        var wrong = await loop.Inference.InferAsync(
            new InferRequest(model, null, [new Tensor("x", TensorType.Int64, new long[] { 1, 1 }, new byte[8])], []) { Parameters = new InferParameters { Sequence = new SequenceId(1, null) } }, default);
        Assert.Equal(400, wrong.Error!.Status);
        Assert.Equal(3f, Value(await InferAsync(model, 1, 2)));
    }

    [Theory]
    [InlineData("""{"input_name":"q","output_name":"sum","data_type":"TYPE_FP32","dims":[1]}""", "input_name 'q'")]
    [InlineData("""{"input_name":"s","output_name":"q","data_type":"TYPE_FP32","dims":[1]}""", "output_name 'q'")]
    [InlineData("""{"input_name":"s","output_name":"sum","data_type":"TYPE_INT32","dims":[1]}""", "data_type of state 's'")]
    [InlineData("""{"input_name":"s","output_name":"sum","data_type":"TYPE_FP32","dims":[1,1]}""", "dims of state 's'")]
    [InlineData("""{"input_name":"s","output_name":"sum","data_type":"TYPE_FP32","dims":[-1]}""", "free dimension")]
    [InlineData("""{"input_name":"s","output_name":"sum","data_type":"TYPE_FP32","dims":[-1],"initial_state":[{"data_type":"TYPE_INT32","dims":[1],"zero_data":true}]}""", "initial_state of 's'")]
    public async Task State_that_does_not_fit_the_graph_is_refused_by_name(string state, string expected)
    {
        var model = await RegisterAsync();
        var loaded = await loop.Get<IModelRepositoryService>().LoadAsync(model, RepositoryLoad.Plain with { Config = $$$"""{"max_batch_size":8,"sequence_batching":{"state":[{{{state}}}]}}""" }, default);
        Assert.Equal(400, loaded.Error!.Status);
        Assert.Contains(expected, loaded.Error.Detail, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Silero_hears_the_same_in_a_sequence_as_with_its_state_carried_by_hand()
    {
        var bytes = TestData.Read("onnx-silero-vad/silero_vad_16k_op15.onnx");
        var model = "v" + Guid.NewGuid().ToString("n")[..12];
        Assert.True((await loop.Control.RegisterAsync(new RegisterVersion(model, bytes), default)).IsSuccess);
        await LoadAsync(model, """{"sequence_batching":{"max_sequence_idle_microseconds":600000000,"state":[{"input_name":"state","output_name":"stateN","data_type":"TYPE_FP32","dims":[2,-1,128],"initial_state":[{"data_type":"TYPE_FP32","dims":[2,1,128],"zero_data":true}]}]}}""");
        using var plain = OnnxModel.Load(bytes);
        var state = new Tensor("state", TensorType.Fp32, new long[] { 2, 1, 128 }, new byte[2 * 128 * 4]);
        var rate = new Tensor("sr", TensorType.Int64, Array.Empty<long>(), BitConverter.GetBytes(16_000L));
        var random = new Random(1);
        for (var chunk = 0; chunk < 8; chunk++)
        {
            // A tone that swells, with noise: every chunk changes the state.
            var samples = Enumerable.Range(0, 512).Select(i => (float)((Math.Sin((chunk * 512 + i) * 0.07) * chunk / 8) + (random.NextDouble() * 0.05))).ToArray();
            var input = new Tensor("input", TensorType.Fp32, new long[] { 1, 512 }, MemoryMarshal.AsBytes<float>(samples).ToArray());
            var byHand = plain.Run([input, state, rate], ["output", "stateN"]);
            state = byHand[1].Named("state");
            var served = await loop.Inference.InferAsync(
                new InferRequest(model, null, [input, rate], []) { Parameters = new InferParameters { Sequence = new SequenceId(0, "call-1"), SequenceStart = chunk == 0, SequenceEnd = chunk == 7 } }, default);
            Assert.True(served.IsSuccess, served.Error?.Detail);
            Assert.Equal(["output"], served.Value.Outputs.Select(o => o.Name));
            Assert.Equal(MemoryMarshal.Read<float>(byHand[0].Data.Span), MemoryMarshal.Read<float>(served.Value.Outputs[0].Data.Span), 1e-6f);
        }
    }

    private async Task<string> RegisterAsync()
    {
        var model = "s" + Guid.NewGuid().ToString("n")[..12];
        var registered = await loop.Control.RegisterAsync(new RegisterVersion(model, Accumulator(0)), default);
        Assert.True(registered.IsSuccess, registered.Error?.Detail);
        return model;
    }

    private async Task<string> ModelAsync(string config)
    {
        var model = await RegisterAsync();
        await LoadAsync(model, config);
        return model;
    }

    private async Task LoadAsync(string model, string config)
    {
        var loaded = await loop.Get<IModelRepositoryService>().LoadAsync(model, RepositoryLoad.Plain with { Config = config }, default);
        Assert.True(loaded.IsSuccess, loaded.Error?.Detail);
        await CatchUpAsync(model);
    }

    private async Task CatchUpAsync(string model)
    {
        var revision = (await loop.Control.GetModelAsync(model, default)).Value.PlanRevision;
        for (var silo = 0; silo < loop.Cluster.Silos.Count; silo++)
            await loop.Get<PlanCache>(silo).CatchUpAsync(model, revision, default);
    }

    /// <summary>sum = x + s + add, and y the same: [N, 1].</summary>
    private static byte[] Accumulator(float add)
    {
        var model = Models.Graph(add);
        var graph = model.Graph;
        var state = graph.Input[0].Clone();
        state.Name = "s";
        graph.Input.Add(state);
        var sum = graph.Output[0].Clone();
        sum.Name = "sum";
        graph.Output.Add(sum);
        graph.Node.Clear();
        graph.Node.Add(new NodeProto { OpType = "Add", Input = { "x", "c" }, Output = { "xc" } });
        graph.Node.Add(new NodeProto { OpType = "Add", Input = { "xc", "s" }, Output = { "sum" } });
        graph.Node.Add(new NodeProto { OpType = "Identity", Input = { "sum" }, Output = { "y" } });
        return model.ToByteArray();
    }

    private Task<OmlResult<InferResult>> InferAsync(string model, ulong id, float x, bool start = false, bool end = false, IReadOnlyList<string>? outputs = null) => loop.Inference.InferAsync(
        new InferRequest(model, null, [Floats("x", x)], outputs ?? []) { Parameters = new InferParameters { Sequence = new SequenceId(id, null), SequenceStart = start, SequenceEnd = end } }, default);

    private static Tensor Floats(string name, params float[] values) => new(name, TensorType.Fp32, new long[] { values.Length, 1 }, MemoryMarshal.AsBytes<float>(values).ToArray());

    private static float Value(OmlResult<InferResult> answer)
    {
        Assert.True(answer.IsSuccess, answer.Error?.Detail);
        return MemoryMarshal.Read<float>(answer.Value.Outputs[0].Data.Span);
    }
}
