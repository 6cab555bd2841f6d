using OrleansMl.Inference.Tests.Conformance;
using OrleansMl.Learning;

namespace OrleansMl.Inference.Tests.Heads;

/// <summary>Published networks whose heads learn something else, and are run as they were written.</summary>
public sealed class FineTuningTests
{
    [SkippableTheory]
    [InlineData("mnist.onnx", 1f, 1e-3)]
    [InlineData("cnn_mnist_pytorch.onnx", 255f, 0.05)]
    public void The_head_of_a_digit_network_learns_other_names_for_the_digits(string file, float divisor, double rate)
    {
        var head = HeadFinder.Find(TestData.Read($"onnx-mnist/{file}"));
        var digits = Digit.Read("mnist-tiny/Train-Tiny-28x28.txt");
        var (train, test) = (digits.Take(50).ToArray(), digits.Skip(50).ToArray());
        using var trunk = TrunkModel.Load(head);
        Assert.True(trunk.IsBatched);
        var learner = HeadLearners.Start(head.Start, new Dictionary<string, object> { ["learningRate"] = rate }, 1);
        var embedded = Embed(trunk, train, divisor);
        for (var epoch = 0; epoch < 20; epoch++)
        {
            for (var i = 0; i < train.Length; i++)
                learner.LearnOne(embedded[i], 9 - train[i].Label);
        }

        Assert.InRange(Right(HeadWriter.Write(head, head.Start), head, test, divisor), 0, 0.2);
        Assert.InRange(Right(HeadWriter.Write(head, learner.Head), head, test, divisor), 0.78, 1);
    }

    [SkippableFact]
    public void A_network_in_half_precision_stays_so()
    {
        // Its Relu stands between the convolution and the mean over space, where no head is learned.
        var squeezenet = Onnx.ModelProto.Parser.ParseFrom(TestData.Read("onnx-squeezenet/SqueezeNet_fp16.onnx"));
        squeezenet.Graph.Node.Last(node => node.OpType == "Relu").OpType = "Identity";
        var head = HeadFinder.Find(squeezenet.Bytes());
        var learner = HeadLearners.Start(head.Start, new Dictionary<string, object> { ["learningRate"] = 0.01 }, 1);
        using var trunk = TrunkModel.Load(head);
        var image = Vectors.Parse(TestData.Read("onnx-squeezenet/test_data_0_input.pb"), "data_0");
        var embedding = new float[512];
        trunk.Embed(1, image.Values<float>(), embedding);
        double[] h = [.. embedding.Select(value => (double)value)];
        for (var step = 0; step < 30; step++)
            learner.LearnOne(h, 7);

        var bytes = HeadWriter.Write(head, learner.Head);
        using var network = OnnxModel.Load(bytes);
        var output = network.Run([Vectors.Of("data_0", TensorType.Fp16, image.Shape.ToArray(), [.. image.Values<float>().Select(value => (Half)value)])])[0];
        Assert.Equal((TensorType.Fp16, "1,1000,1,1"), (output.Type, string.Join(',', output.Shape.ToArray())));
        var answers = output.Numbers();
        Assert.Equal(7, Array.IndexOf(answers, answers.Max()));
        Assert.InRange(bytes.Length, head.Bytes.Length - 1024, head.Bytes.Length);
    }

    private static double[][] Embed(TrunkModel trunk, Digit[] digits, float divisor)
    {
        var embeddings = new float[digits.Length * trunk.EmbeddingWidth];
        trunk.Embed(digits.Length, [.. digits.SelectMany(digit => digit.Pixels).Select(pixel => pixel / divisor)], embeddings);
        return [.. embeddings.Chunk(trunk.EmbeddingWidth).Select(row => row.Select(value => (double)value).ToArray())];
    }

    private static double Right(byte[] network, NetworkHead head, Digit[] digits, float divisor)
    {
        using var model = OnnxModel.Load(network);
        return digits.Average(digit =>
        {
            var answers = model.Run([Vectors.Of(model.Signature.Inputs[0].Name, TensorType.Fp32, [1, 1, 28, 28], [.. digit.Pixels.Select(pixel => pixel / divisor)])], [head.Output])[0].Values<float>();
            return Array.IndexOf(answers, answers.Max()) == 9 - digit.Label ? 1.0 : 0.0;
        });
    }
}
