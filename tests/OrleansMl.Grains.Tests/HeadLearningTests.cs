using Google.Protobuf;
using OrleansMl.Inference.Onnx;
using OrleansMl.Services;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Grains.Tests;

/// <summary>An application whose learner is the head of a registered network, on a cluster of its own, which it stops and starts.</summary>
public sealed class HeadLearningTests(LoopFixture loop) : IClassFixture<LoopFixture>
{
    [Fact]
    public async Task A_head_begins_with_the_network_learns_from_outcomes_and_becomes_versions_that_hold_it()
    {
        var network = await RegisterAsync(Xor(head: [0.1f, -0.1f, 0.05f]));
        var toy = await ApplyAsync(network, null);
        await TeachAsync(toy, 40, 1);

        var info = (await loop.Control.GetModelAsync(toy.Name, default)).Value;
        var first = info.Versions[0].Manifest;
        Assert.Equal((1, network, "1", "head"), (first.Version, first.Tags["head.of"], first.Tags["head.version"], first.Tags["learner"]));
        Assert.Equal((1, 1), (info.Aliases["champion"], info.Aliases["bootstrap"]));

        // Whether z and the entity's x have one sign is nothing that a linear model of them could learn.
        await TeachAsync(toy, 400, 2);
        var status = (await loop.Control.GetLearnerAsync(toy.Name, default)).Value;
        Assert.Equal("learning", status.State);
        Assert.True(status.Losses.Single(loss => loss is { Predictor: "learner", Metric: "accuracy" }).Windowed > 0.9, string.Join(", ", status.Losses));
        info = (await loop.Control.GetModelAsync(toy.Name, default)).Value;
        Assert.True(info.Aliases["champion"] > 1, "no version was promoted");
        Assert.Equal(info.Versions[^2].Manifest.Version, info.Versions[^1].Manifest.Parent);

        // What is served is the graph: the file answers as the trainer's learner does.
        Assert.Equal(("yes", "no"), ((await PredictAsync(toy, 1, 1)).Label, (await PredictAsync(toy, 1, -1)).Label));
        var file = (await loop.Control.GetArtifactAsync(toy.Name, info.Aliases["champion"], default)).Value;
        Assert.Contains(ModelProto.Parser.ParseFrom(file).Graph.Node, node => node.OpType == "Relu");
    }

    [Fact]
    public async Task After_a_restart_a_learner_goes_on_with_the_network_that_it_began_with()
    {
        var network = await RegisterAsync(Xor([0.1f, -0.1f, 0.05f]));
        var toy = await ApplyAsync(network, "best");
        await loop.Control.SetAliasAsync(network, new AliasChange("best", 1, null, null, "test"), default);
        await TeachAsync(toy, 60, 3);
        var before = (await loop.Control.GetLearnerAsync(toy.Name, default)).Value;

        // The alias moves to a network that answers otherwise; what began with the first stays with it.
        var other = (await loop.Control.RegisterAsync(new RegisterVersion(network, Xor([9, 9, 9])), default)).Value.Version.Manifest.Version;
        await loop.Control.SetAliasAsync(network, new AliasChange("best", other, 1, null, "test"), default);
        await loop.RestartAsync();
        var after = (await loop.Control.GetLearnerAsync(toy.Name, default)).Value;
        Assert.Equal((before.State, before.Examples), (after.State, after.Examples));
        await TeachAsync(toy, 200, 4);
        Assert.True((await loop.Control.GetLearnerAsync(toy.Name, default)).Value.Losses.Single(loss => loss is { Predictor: "learner", Metric: "accuracy" }).Windowed > 0.85);
        Assert.All((await loop.Control.GetModelAsync(toy.Name, default)).Value.Versions, version => Assert.Equal("1", version.Manifest.Tags["head.version"]));
    }

    [Theory]
    [InlineData(false, 2, "has no version with a network (versions: none)")]
    [InlineData(true, 3, "takes 3 numbers a row ([3]), and the pipeline gives 2")]
    public async Task A_network_that_is_not_there_or_does_not_fit_stops_the_learner_with_the_reason(bool isRegistered, int width, string words)
    {
        var network = isRegistered ? await RegisterAsync(Xor([0.1f, -0.1f, 0.05f], width)) : "nothing" + Guid.NewGuid().ToString("n")[..6];
        var toy = await ApplyAsync(network, null);
        await TeachAsync(toy, 41, 5);
        var status = (await loop.Control.GetLearnerAsync(toy.Name, default)).Value;
        Assert.Equal("failed", status.State);
        Assert.Contains(words, status.Reason, StringComparison.Ordinal);

        // Until it is mended the prior answers.
        Assert.Equal("prior", (await PredictAsync(toy, 1, 1)).Fallback);
    }

    private async Task<Toy> ApplyAsync(string network, string? version)
    {
        var toy = new Toy(loop);
        var yaml = toy.Yaml(bootstrap: 40, minOutcomes: 30)
            .Replace($"features: [\"{toy.View}:*\"]", $"features: [\"{toy.View}:x\"]", StringComparison.Ordinal)
            .Replace("      - standard_scale: {columns: numeric}\n", "", StringComparison.Ordinal)
            .Replace("type: logistic_regression", $"type: head\n      of: {network}{(version is null ? "" : $"\n      version: {version}")}", StringComparison.Ordinal)
            .Replace("params: {learningRate: 0.5, adaptive: true, normalized: true}", "params: {learningRate: 0.2}", StringComparison.Ordinal);
        await toy.ApplyAsync(yaml);
        return toy;
    }

    /// <summary>The truth is whether z and x have one sign.</summary>
    private async Task TeachAsync(Toy toy, int rows, int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < rows; i++)
        {
            var (z, x) = (random.Next(2) == 0 ? 1 : -1, random.Next(2) == 0 ? 1 : -1);
            var predicted = await PredictAsync(toy, z, x);
            Assert.Equal(OutcomeStatus.Joined, (await toy.OutcomeAsync(predicted.PredictionId, Scalar.Of(z == x))).Status);
            loop.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        await toy.DrainAsync();
    }

    private async Task<PredictResponse> PredictAsync(Toy toy, double z, double x)
    {
        await toy.AppendAsync(toy.Tick(x, loop.Clock.Now));
        return await toy.PredictAsync(z);
    }

    private async Task<string> RegisterAsync(byte[] network)
    {
        var model = "n" + Guid.NewGuid().ToString("n")[..12];
        var registered = await loop.Control.RegisterAsync(new RegisterVersion(model, network), default);
        Assert.True(registered.IsSuccess, registered.Error?.Detail);
        return model;
    }

    /// <summary>h = relu(x · t): among its three numbers are |sum| and the parts of one sign; y = sigmoid(h · w).</summary>
    private static byte[] Xor(float[] head, int width = 2)
    {
        float[] trunk = width == 2 ? [1, -1, 1, 1, -1, -1] : new float[width * 3];
        var graph = new GraphProto { Name = "xor" };
        graph.Initializer.Add(new TensorProto { Name = "t", DataType = (int)DataType.Float, Dims = { width, 3 }, FloatData = { trunk } });
        graph.Initializer.Add(new TensorProto { Name = "w", DataType = (int)DataType.Float, Dims = { 3, 1 }, FloatData = { head } });
        graph.Node.Add(new NodeProto { OpType = "MatMul", Input = { "in", "t" }, Output = { "s" } });
        graph.Node.Add(new NodeProto { OpType = "Relu", Input = { "s" }, Output = { "h" } });
        graph.Node.Add(new NodeProto { OpType = "MatMul", Input = { "h", "w" }, Output = { "z" } });
        graph.Node.Add(new NodeProto { OpType = "Sigmoid", Input = { "z" }, Output = { "y" } });
        graph.Input.Add(Value("in", width));
        graph.Output.Add(Value("y", 1));
        return new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 13 } } }.ToByteArray();
    }

    private static ValueInfoProto Value(string name, long width) => new()
    {
        Name = name,
        Type = new TypeProto
        {
            TensorType = new TypeProto.Types.Tensor
            {
                ElemType = (int)DataType.Float,
                Shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "N" }, new TensorShapeProto.Types.Dimension { DimValue = width } } },
            },
        },
    };
}
