using FsCheck;
using FsCheck.Fluent;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference.Tests.Batching;

/// <summary>Whatever is batched with whatever, each request gets the answer that it gets alone.</summary>
public sealed class BatchedAnswersTests
{
    private const int MaxRows = 6;

    /// <summary>A request drawn: rows, width, priority, a seed for its values, and which outputs it asks for.</summary>
    private static Gen<(int Rows, int Width, int Priority, int Seed, int Asked)[]> Requests =>
        (from rows in Gen.Choose(0, MaxRows)
         from width in Gen.Choose(1, 3)
         from priority in Gen.Choose(0, 3)
         from seed in Gen.Choose(0, 1_000_000)
         from asked in Gen.Choose(0, 3)
         select (rows, width, priority, seed, asked)).NonEmptyListOf().Select(l => l.ToArray());

    [Fact]
    public void On_integers_bit_for_bit()
    {
        using var model = OnnxModel.Load(Graphs.Model(
                Graphs.Node("Add", ["a", "b"], ["sum"]), Graphs.Node("Sub", ["a", "b"], ["difference"]), Graphs.Node("Mul", ["sum", "difference"], ["product"]))
            .In("a", DataType.Int64, "n", "w").In("b", DataType.Int64, "n", "w")
            .Out("sum", DataType.Int64, "n", "w").Out("product", DataType.Int64, "n", "w").Bytes());
        Holds(model, ["sum", "product"], r => [Integers("b", r), Integers("a", r with { Seed = r.Seed + 1 })], 0);
    }

    [Fact]
    public void On_elements_bit_for_bit_even_where_they_are_not_numbers()
    {
        using var model = OnnxModel.Load(Graphs.Model(Graphs.Node("Exp", ["x"], ["e"]), Graphs.Node("Tanh", ["x"], ["t"]), Graphs.Node("Sub", ["e", "x"], ["d"]))
            .In("x", DataType.Float, "n", "w").Out("d", DataType.Float, "n", "w").Out("t", DataType.Float, "n", "w").Bytes());
        Holds(model, ["d", "t"], r => [Floats("x", r.Rows, r.Width, r.Seed, special: true)], 0);
    }

    [Fact]
    public void On_texts_byte_for_byte()
    {
        using var model = OnnxModel.Load(Graphs.Model(Graphs.Node("Identity", ["t"], ["same"]), Graphs.Node("Neg", ["i"], ["neg"]))
            .In("t", DataType.String, "n", "w").In("i", DataType.Int64, "n", "w").Out("same", DataType.String, "n", "w").Out("neg", DataType.Int64, "n", "w").Bytes());
        Holds(model, ["same", "neg"], r => [Texts("t", r), Integers("i", r)], 0);
    }

    [Fact]
    public void On_a_network_to_a_hundred_thousandth()
    {
        using var model = OnnxModel.Load(Networks.Mlp(5, 16, 3));
        Holds(model, ["scores", "hidden"], r => [Floats("x", r.Rows, 5, r.Seed, special: false)], 1e-5);
    }

    [Fact]
    public async Task Also_on_a_graph_whose_rows_depend_on_each_other()
    {
        using var model = OnnxModel.Load(Networks.AcrossRows());
        var batcher = new Batcher(model, new() { HoldUntilQueued = 3 }, TimeProvider.System);
        Assert.Equal("Output 'share' of a row differs when other rows run with it.", Assert.Single(batcher.UnbatchableReasons));
        var inputs = Enumerable.Range(0, 3).Select(i => Floats("x", 2, 3, i, special: false)).ToArray();
        var tasks = inputs.Select(x => batcher.RunAsync([x]).AsTask()).ToArray();
        for (var i = 0; i < inputs.Length; i++)
            AssertEqual(model.Run([inputs[i]]), await tasks[i].OutputsAsync(), 0);
        Assert.Equal(3, batcher.Statistics.ExecutionCount);
        await batcher.DrainAsync();
    }

    [Fact]
    public async Task A_model_that_refuses_made_up_values_is_batched_all_the_same()
    {
        using var model = OnnxModel.Load(Networks.Numerals());
        var batcher = new Batcher(model, new() { HoldUntilQueued = 2 }, TimeProvider.System);
        Assert.Empty(batcher.UnbatchableReasons);
        var tasks = new[] { 4L, 9L }.Select(i => batcher.RunAsync([Vectors.Of("i", TensorType.Int64, [1], i)]).AsTask()).ToArray();
        Assert.Equal([5f, 10f], (await Task.WhenAll(tasks.Select(t => t.OutputsAsync()))).Select(o => o[0].Values<float>().Single()));
        Assert.Equal(1, batcher.Statistics.ExecutionCount);
        var refused = batcher.RunAsync([Vectors.Of("i", TensorType.Int64, [1], 99L)]).AsTask();
        await Assert.ThrowsAsync<InferenceRunException>(() => refused);
        await batcher.DrainAsync();
    }

    private static void Holds(OnnxModel model, string[] outputs, Func<(int Rows, int Width, int Priority, int Seed, int Asked), Tensor[]> inputs, double tolerance)
    {
        var drawn = from requests in Requests from instances in Gen.Choose(1, 2) select (requests, instances);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(60), Prop.ForAll(drawn.ToArbitrary(), d =>
        {
            var batcher = new Batcher(model, new BatchingOptions { MaxBatchRows = MaxRows, Instances = d.instances, PriorityLevels = 3, DefaultPriority = 2, HoldUntilQueued = d.requests.Length }, TimeProvider.System);
            var sent = d.requests.Select(r => (Inputs: inputs(r), Outputs: Asked(outputs, r.Asked), r.Priority)).ToArray();
            var tasks = sent.Select(s => batcher.RunAsync(s.Inputs, s.Outputs, s.Priority).AsTask()).ToArray();
            Assert.True(Task.WaitAll(tasks, TimeSpan.FromSeconds(60)), "A request was not answered.");
            for (var i = 0; i < sent.Length; i++)
            {
                Assert.True(tasks[i].Result.TryGet(out var together, out _));
                AssertEqual(model.Run(sent[i].Inputs, sent[i].Outputs), together, tolerance);
            }

            var statistics = batcher.Statistics;
            Assert.Equal((sent.Length, d.requests.Sum(r => r.Rows)), (statistics.Success.Count, statistics.InferenceCount));
            Assert.All(statistics.Batches, b => Assert.InRange(b.BatchSize, 0, MaxRows));
            Assert.True(batcher.DrainAsync().Wait(TimeSpan.FromSeconds(60)));
        }));
    }

    private static string[] Asked(string[] outputs, int asked) => asked switch
    {
        0 => [],
        1 => [outputs[0]],
        2 => [outputs[1]],
        _ => [outputs[1], outputs[0]],
    };

    private static void AssertEqual(IReadOnlyList<Tensor> alone, IReadOnlyList<Tensor> together, double tolerance)
    {
        Assert.Equal(alone.Select(t => t.Name), together.Select(t => t.Name));
        foreach (var (expected, actual) in alone.Zip(together))
        {
            Assert.Equal(expected.Type, actual.Type);
            Assert.Equal(expected.Shape.ToArray(), actual.Shape.ToArray());
            if (expected.Type == TensorType.Bytes)
                Assert.Equal(expected.Texts(), actual.Texts());
            else if (tolerance == 0)
                Assert.Equal(expected.Data.ToArray(), actual.Data.ToArray());
            else
                Assert.All(expected.Numbers().Zip(actual.Numbers()), p => Assert.InRange(Math.Abs(p.First - p.Second), 0, (tolerance * Math.Abs(p.First)) + 1e-7));
        }
    }

    private static Tensor Integers(string name, (int Rows, int Width, int Priority, int Seed, int Asked) request)
    {
        var random = new Random(request.Seed);
        return Vectors.Of(name, TensorType.Int64, [request.Rows, request.Width], Enumerable.Range(0, request.Rows * request.Width).Select(_ => random.NextInt64()).ToArray());
    }

    private static Tensor Floats(string name, int rows, int width, int seed, bool special)
    {
        var random = new Random(seed);
        return Vectors.Of(name, TensorType.Fp32, [rows, width], Enumerable.Range(0, rows * width).Select(_ => special && random.Next(5) == 0
            ? new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity, -0f, float.Epsilon }[random.Next(5)]
            : (random.NextSingle() * 8) - 4).ToArray());
    }

    private static Tensor Texts(string name, (int Rows, int Width, int Priority, int Seed, int Asked) request)
    {
        var random = new Random(request.Seed);
        return Vectors.Texts(name, [request.Rows, request.Width], [.. Enumerable.Range(0, request.Rows * request.Width).Select(_ => random.Next(4) == 0 ? "" : $"ü\0{random.Next()}")]);
    }
}
