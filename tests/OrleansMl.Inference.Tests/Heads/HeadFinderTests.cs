using OrleansMl.Inference.Onnx;
using OrleansMl.Inference.Tests.Conformance;
using OrleansMl.Learning;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference.Tests.Heads;

public sealed class HeadFinderTests
{
    [SkippableTheory]
    [InlineData("onnx-mnist/mnist.onnx", "MatMul", 10, 256, "")]
    [InlineData("onnx-mnist/cnn_mnist_pytorch.onnx", "Gemm", 10, 50, "Relu, LogSoftmax")]
    public void Heads_of_published_networks_are_found(string file, string op, int rows, int width, string follows)
    {
        var head = HeadFinder.Find(TestData.Read(file));
        Assert.Equal((op, rows, width, follows), (head.Operator, head.Start.Rows, head.Start.DenseCount, string.Join(", ", head.Follows)));
        Assert.Equal(rows, head.Start.Classes);
    }

    [SkippableTheory]
    [InlineData("onnx-mnist/mnist.onnx")]
    [InlineData("onnx-mnist/cnn_mnist_pytorch.onnx")]
    public void A_head_that_learned_nothing_is_written_as_the_bytes_that_were_read(string file)
    {
        var bytes = TestData.Read(file);
        var head = HeadFinder.Find(bytes);
        Assert.Equal(bytes, HeadWriter.Write(head, head.Start));
    }

    /// <summary>Whatever the form in the graph, the weights mean scores = weights · h + bias: the network says so itself.</summary>
    [Theory]
    [MemberData(nameof(NetworkForms.Names), MemberType = typeof(NetworkForms))]
    public void Trunk_and_head_answer_what_the_network_answers(string form)
    {
        var bytes = NetworkForms.All[form]();
        var head = HeadFinder.Find(bytes);
        using var trunk = TrunkModel.Load(head);
        using var network = OnnxModel.Load(bytes);
        var rows = NetworkForms.Rows(5);
        var embeddings = new float[5 * trunk.EmbeddingWidth];
        trunk.Embed(5, rows, embeddings);
        var expected = NetworkForms.Answer(network, head, rows, 5);
        for (var i = 0; i < 5; i++)
        {
            var answer = new double[Math.Max(1, head.Start.Classes)];
            head.Start.Predict(embeddings.AsSpan(i * trunk.EmbeddingWidth, trunk.EmbeddingWidth).ToArray().Select(v => (double)v).ToArray(), answer);
            if (head.Start is { Rows: 1, Classes: 2 })
                answer = answer[1..];
            for (var c = 0; c < answer.Length; c++)
                Assert.Equal(expected[(i * answer.Length) + c], answer[c], form.Contains("half", StringComparison.Ordinal) ? 5e-3 : 1e-5);
        }
    }

    /// <summary>What a network answers, as its own file says it, is what its head says of the embedding: 1e-6 in single precision.</summary>
    [Theory]
    [MemberData(nameof(NetworkForms.Names), MemberType = typeof(NetworkForms))]
    [InlineData("labels alone")]
    [InlineData("log of probabilities")]
    [InlineData("scores")]
    public void A_network_that_is_asked_as_a_whole_answers_as_its_head(string form)
    {
        var head = HeadFinder.Find(NetworkForms.All.TryGetValue(form, out var network) ? network() : NetworkForms.Network([Graphs.Node("Gemm", ["h", "w", "b"], [form == "scores" ? "y" : "z"]), .. Behind(form)]));
        using var whole = NetworkAnswers.Load(head);
        using var trunk = TrunkModel.Load(head);
        const int Rows = 5;
        var (inputs, answers, embeddings) = (NetworkForms.Rows(Rows), new double[Rows * whole.Width], new float[Rows * trunk.EmbeddingWidth]);
        whole.Predict(Rows, inputs, answers);
        trunk.Embed(Rows, inputs, embeddings);
        var expected = new double[whole.Width];
        for (var row = 0; row < Rows; row++)
        {
            head.Start.Predict(embeddings.AsSpan(row * trunk.EmbeddingWidth, trunk.EmbeddingWidth).ToArray().Select(value => (double)value).ToArray(), expected);
            for (var c = 0; c < expected.Length; c++)
                Assert.Equal(expected[c], answers[(row * expected.Length) + c], form.Contains("half", StringComparison.Ordinal) ? 5e-3 : 1e-6);
        }

        static NodeProto[] Behind(string form) => form switch
        {
            "labels alone" => [Graphs.Node("ArgMax", ["z"], ["y"])],
            "log of probabilities" => [Graphs.Node("LogSoftmax", ["z"], ["y"])],
            _ => [],
        };
    }

    [Theory]
    [MemberData(nameof(NetworkForms.Names), MemberType = typeof(NetworkForms))]
    public void A_head_that_learned_is_written_in_the_form_that_was_there(string form)
    {
        var bytes = NetworkForms.All[form]();
        var head = HeadFinder.Find(bytes);
        var learned = head.Start with { Weights = [.. head.Start.Weights.Select(w => (0.5 * w) - 0.125)], Bias = [.. head.Start.Bias.Select((b, i) => b + (0.25 * (i + 1)))] };
        var written = HeadFinder.Find(HeadWriter.Write(head, learned));
        Assert.Equal((head.Operator, head.Output), (written.Operator, written.Output));
        for (var i = 0; i < learned.Weights.Length; i++)
            Assert.Equal(learned.Weights[i], written.Start.Weights[i], 1e-3);
        for (var i = 0; i < learned.Bias.Length; i++)
            Assert.Equal(learned.Bias[i], written.Start.Bias[i], 1e-3);
        Assert.Empty(GraphChecker.Check(ModelProto.Parser.ParseFrom(written.Bytes.Span)));
    }

    [Theory]
    [MemberData(nameof(NetworkForms.Multiclass), MemberType = typeof(NetworkForms))]
    public void A_class_that_comes_is_a_row_more_in_every_shape(string form)
    {
        var head = HeadFinder.Find(NetworkForms.All[form]());
        var start = head.Start;
        var wider = new HeadModel([.. start.Weights, .. Enumerable.Repeat(0.5, start.DenseCount)], [.. start.Bias, -0.5], start.Link) { IsRectified = start.IsRectified };
        var bytes = HeadWriter.Write(head, wider, ["a", "b", "c", "d"]);
        using var network = OnnxModel.Load(bytes);
        var answers = NetworkForms.Answer(network, HeadFinder.Find(bytes), NetworkForms.Rows(2), 2);
        Assert.Equal(8, answers.Length);
        Assert.Equal(4, network.Signature.FindOutput(head.Output)!.Shape.Single(size => size > 2));
    }

    [SkippableFact]
    public void A_light_network_with_computed_weights_is_refused()
        => Refused(HeadCodes.Unsupported, "ConstantOfShape", TestData.Read("onnx-squeezenet/light_squeezenet.onnx"));

    /// <summary>Relu and the mean over space do not commute: what the head is on the mean would not be what the network answers.</summary>
    [SkippableFact]
    public void A_network_that_cuts_scores_off_before_their_mean_is_refused()
        => Refused(HeadCodes.Unsupported, "followed by a Relu at each place of an image", TestData.Read("onnx-squeezenet/SqueezeNet_fp16.onnx"));

    [Fact]
    public void A_network_that_normalises_before_the_mean_or_cuts_logarithms_off_is_refused()
    {
        var network = Onnx.ModelProto.Parser.ParseFrom(NetworkForms.All["convolution"]());
        var (pool, softmax) = (network.Graph.Node.Single(node => node.OpType == "GlobalAveragePool"), network.Graph.Node.Single(node => node.OpType == "Softmax"));
        (pool.Input[0], softmax.Input[0], softmax.Output[0]) = ("s", "z", "s");
        network.Graph.Node.Single(node => node.OpType == "Flatten").Output[0] = "y";
        network.Graph.Node.Remove(softmax);
        network.Graph.Node.Insert(network.Graph.Node.IndexOf(pool), softmax);
        Refused(HeadCodes.Unsupported, "followed by a Softmax at each place", network.Bytes());
        Refused(HeadCodes.Unsupported, "A Relu over a LogSoftmax answers 0", NetworkForms.Network(Graphs.Node("Gemm", ["h", "w", "b"], ["z"]), Graphs.Node("LogSoftmax", ["z"], ["l"]), Graphs.Node("Relu", ["l"], ["y"])));
    }

    [Theory]
    [InlineData("rectified scores", true)]
    [InlineData("rectified mean of a convolution", true)]
    [InlineData("a rectified value", true)]
    [InlineData("a rectified probability", false)]
    [InlineData("gemm", false)]
    public void A_head_knows_whether_its_scores_are_cut_off(string form, bool isRectified) => Assert.Equal(isRectified, HeadFinder.Find(NetworkForms.All[form]()).Start.IsRectified);

    [SkippableFact]
    public void A_model_of_the_classic_operators_has_no_head()
        => Refused(HeadCodes.NotFound, "LinearClassifier", TestData.Read("onnx-mnist/lr_mnist_scikit.onnx"));

    [Fact]
    public void What_cannot_be_learned_is_refused_with_the_reason()
    {
        Refused(HeadCodes.NotFound, "Tanh", NetworkForms.Network(Graphs.Node("Gemm", ["h", "w", "b"], ["z"]), Graphs.Node("Tanh", ["z"], ["y"])));
        Refused(HeadCodes.Ambiguous, "2 heads", NetworkForms.Network(Graphs.Node("Gemm", ["h", "w", "b"], ["y"]), Graphs.Node("Gemm", ["h", "w2", "b"], ["y2"])));
        Refused(HeadCodes.Unsupported, "shares its weights 'w'", NetworkForms.Network(Graphs.Node("Gemm", ["h", "w", "b"], ["y"]), Graphs.Node("ReduceSum", ["w"], ["s"])));
        Refused(HeadCodes.Unsupported, "labels that do not exclude each other", NetworkForms.Network(Graphs.Node("Gemm", ["h", "w", "b"], ["z"]), Graphs.Node("Sigmoid", ["z"], ["y"])));
        Refused(HeadCodes.Unsupported, "quantised", NetworkForms.Network(Graphs.Node("DequantizeLinear", ["h", "s", "z0"], ["y"])));
        Refused(InspectCodes.NotOnnx, "no ONNX model", [1, 2, 3]);
    }

    [Fact]
    public void A_network_with_two_inputs_or_a_free_width_has_no_trunk()
    {
        var free = HeadFinder.Find(Graphs.Model(Graphs.Node("GlobalAveragePool", ["x"], ["p"]), Graphs.Node("Flatten", ["p"], ["f"]), Graphs.Node("Gemm", ["f", "w"], ["y"]))
            .In("x", DataType.Float, "n", 2, "height", "width").Out("y", DataType.Float, "n", 3).Floats("w", [2, 3], 1, 2, 3, 4, 5, 6).Bytes());
        Assert.Equal(HeadCodes.InputUnsupported, Assert.Throws<HeadException>(() => TrunkModel.Load(free)).Code);
        var two = HeadFinder.Find(Graphs.Model(Graphs.Node("Add", ["x", "x2"], ["h"]), Graphs.Node("Gemm", ["h", "w"], ["y"]))
            .In("x", DataType.Float, "n", 2).In("x2", DataType.Float, "n", 2).Out("y", DataType.Float, "n", 3).Floats("w", [2, 3], 1, 2, 3, 4, 5, 6).Bytes());
        Assert.Contains("x2", Assert.Throws<HeadException>(() => TrunkModel.Load(two)).Message, StringComparison.Ordinal);
    }

    private static void Refused(string code, string words, byte[] model)
    {
        var exception = Assert.Throws<HeadException>(() => HeadFinder.Find(model));
        Assert.Equal(code, exception.Code);
        Assert.Contains(words, exception.Message, StringComparison.Ordinal);
    }
}
