using Google.Protobuf;

namespace OrleansMl.Inference.Tests.Conformance;

/// <summary>Whole networks on published vectors and on real digits.</summary>
public class NetworkVectorTests
{
    [SkippableFact]
    public void The_mnist_network_gives_the_published_output_from_its_protobuf_vectors()
    {
        using var model = OnnxModel.Load(TestData.Read("onnx-mnist/mnist.onnx"));
        var input = ReadVector("onnx-mnist/input.pb", "Input3");
        var expected = ReadVector("onnx-mnist/output.pb", "Plus214_Output_0");
        Closeness.AssertSame(expected, Assert.Single(model.Run([input])));
    }

    [SkippableTheory]
    [InlineData("mnist.onnx", "Input3", 1f)]
    [InlineData("cnn_mnist_pytorch.onnx", "0", 255f)]
    public void Networks_know_real_digits(string file, string input, float divisor)
    {
        using var model = OnnxModel.Load(TestData.Read($"onnx-mnist/{file}"));
        var digits = Digit.Read();
        var right = digits.Count(digit =>
        {
            float[] pixels = [.. digit.Pixels.Select(p => p / divisor)];
            var scores = Assert.Single(model.Run([Vectors.Of(input, TensorType.Fp32, [1, 1, 28, 28], pixels)])).Values<float>();
            return Array.IndexOf(scores, scores.Max()) == digit.Label;
        });
        Assert.True(right >= 0.95 * digits.Count, $"{right} of {digits.Count} digits are right");
    }

    [SkippableFact]
    public void Squeezenet_in_half_precision_gives_the_published_classes()
    {
        using var model = OnnxModel.Load(TestData.Read("onnx-squeezenet/SqueezeNet_fp16.onnx"));
        var image = Vectors.Parse(TestData.Read("onnx-squeezenet/test_data_0_input.pb"), "data_0");
        var expected = Vectors.Parse(TestData.Read("onnx-squeezenet/test_data_0_output.pb"), "softmaxout_1");
        Half[] halves = [.. image.Values<float>().Select(v => (Half)v)];
        var output = Assert.Single(model.Run([Vectors.Of("data_0", TensorType.Fp16, image.Shape.ToArray(), halves)]));

        Assert.Equal(TensorType.Fp16, output.Type);
        Assert.Equal(expected.Shape.ToArray(), output.Shape.ToArray());
        int[] TopFive(double[] p) => [.. Enumerable.Range(0, p.Length).OrderByDescending(i => p[i]).Take(5)];
        Assert.Equal([111, 591, 700, 669, 549], TopFive(expected.Numbers()));
        Assert.Equal(TopFive(expected.Numbers()), TopFive(output.Numbers()));
        // The vectors are of the float32 network; weights in half precision alone move a probability by 1.3e-4, activations do too.
        Closeness.AssertClose(expected.Numbers(), output.Numbers(), absolute: 1e-3, relative: 0);
    }

    [SkippableFact]
    public void Light_squeezenet_gives_the_published_output()
    {
        using var model = OnnxModel.Load(TestData.Read("onnx-squeezenet/light_squeezenet.onnx"));
        var input = model.Signature.Inputs.Single();
        var zeros = new Tensor(input.Name, input.Type, input.Shape.ToArray(), new byte[4 * Tensor.ElementCount(input.Shape.AsSpan())]);
        Closeness.AssertSame(Vectors.Parse(TestData.Read("onnx-squeezenet/light_squeezenet_output_0.pb"), "out"), Assert.Single(model.Run([zeros])));
    }

    /// <summary>A tensor of the old ONNX Runtime server's predict messages: one field, a map of name to TensorProto.</summary>
    private static Tensor ReadVector(string path, string name)
    {
        var message = new CodedInputStream(TestData.Read(path));
        while (message.ReadTag() != 0)
        {
            // An entry has its key in field 1 and its value in field 2, in this order.
            var entry = message.ReadBytes().CreateCodedInput();
            entry.ReadTag();
            var key = entry.ReadString();
            entry.ReadTag();
            if (key == name)
                return Vectors.Parse(entry.ReadBytes().ToByteArray(), name);
        }

        throw new InvalidOperationException($"There is no tensor '{name}' in '{path}'.");
    }
}
