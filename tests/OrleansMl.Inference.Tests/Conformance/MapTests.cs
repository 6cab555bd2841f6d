using Google.Protobuf;
using OrleansMl.Inference.Onnx;
using AttributeType = OrleansMl.Inference.Onnx.AttributeProto.Types.AttributeType;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference.Tests.Conformance;

/// <summary>Maps in outputs, as scikit-learn's classifiers have them, come as a tensor of values and one of keys.</summary>
public class MapTests
{
    [SkippableFact]
    public void The_iris_classifier_gives_the_maps_of_the_runtime_bit_for_bit()
    {
        var bytes = TestData.Read("onnx-sklearn/logreg_iris.onnx");
        using var model = OnnxModel.Load(bytes);
        Assert.Equal(["label INT64 [3]", "probabilities FP32 [-1,3]", "probabilities.keys INT64 [-1,3]"], Outputs(model.Signature));
        Assert.Empty(model.Signature.OtherOutputs);

        float[] flowers = [5.1f, 3.5f, 6.2f, 2.9f, 7.7f, 3.8f];
        var outputs = model.Run([Vectors.Of("float_input", TensorType.Fp32, [3, 2], flowers)]);

        Assert.Equal(["label", "probabilities", "probabilities.keys"], outputs.Select(o => o.Name));
        Assert.Equal([0L, 1, 2, 0, 1, 2, 0, 1, 2], outputs[2].Values<long>());
        Assert.Equal(Native.RunMaps(bytes, "float_input", flowers, [3, 2], "probabilities"), Native.Zip(outputs[2], outputs[1]));
    }

    [SkippableFact]
    public void The_digits_classifier_gives_the_maps_of_the_runtime_bit_for_bit_and_knows_its_digit()
    {
        var bytes = TestData.Read("onnx-mnist/lr_mnist_scikit.onnx");
        using var model = OnnxModel.Load(bytes);
        var digits = Digit.Read();
        var right = 0;
        foreach (var digit in digits)
        {
            // The model was fitted without the last four pixels.
            var pixels = digit.Pixels[..780];
            var outputs = model.Run([Vectors.Of("float_input", TensorType.Fp32, [1, 780], pixels)], ["output_probability.keys", "output_label", "output_probability"]);
            Assert.Equal(Native.RunMaps(bytes, "float_input", pixels, [1, 780], "output_probability"), Native.Zip(outputs[0], outputs[2]));
            var scores = outputs[2].Values<float>();
            var label = Assert.Single(outputs[1].Values<long>());
            Assert.Equal(label, outputs[0].Values<long>()[Array.IndexOf(scores, scores.Max())]);
            right += label == digit.Label ? 1 : 0;
        }

        Assert.True(right >= 0.8 * digits.Count, $"{right} of {digits.Count} digits are right");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Keys_of_text_come_as_bytes_in_the_order_of_the_file(bool hasValueInfo)
    {
        var proto = Zipped("spam", "ham", "über");
        if (hasValueInfo)
            proto.Graph.ValueInfo.Add(proto.Graph.Output[0].Clone());
        using var model = OnnxModel.Load(proto.Bytes());
        Assert.Equal(["p FP32 [-1,3]", "p.keys BYTES [-1,3]"], Outputs(model.Signature));
        Assert.Equal(["spam", "ham", "über"], model.Signature.Parts["p"].Labels!.Texts());

        var outputs = model.Run([Vectors.Of("x", TensorType.Fp32, [2, 3], 1f, 2, 3, 4, 5, 6)]);
        Assert.Equal([1f, 2, 3, 4, 5, 6], outputs[0].Values<float>());
        Assert.Equal(["spam", "ham", "über", "spam", "ham", "über"], outputs[1].Texts());
        Assert.Equal(Native.RunMaps(proto.Bytes(), "x", [1, 2, 3, 4, 5, 6], [2, 3], "p"), Native.Zip(outputs[1], outputs[0]));
    }

    [Fact]
    public void Keys_alone_one_flat_row_and_no_rows_are_answered()
    {
        using var model = OnnxModel.Load(Zipped("a", "b").Bytes());
        Assert.Equal(["a", "b"], Assert.Single(model.Run([Vectors.Of("x", TensorType.Fp32, [2], 1f, 2)], ["p.keys"])).Texts());
        Assert.Equal([1L, 2], model.Run([Vectors.Of("x", TensorType.Fp32, [2], 1f, 2)])[0].Shape.ToArray());
        Assert.All(model.Run([Vectors.Of<float>("x", TensorType.Fp32, [0, 2])]), output => Assert.Equal([0L, 2], output.Shape.ToArray()));
    }

    [Fact]
    public void Rows_of_another_length_than_the_keys_fail_as_in_the_runtime()
    {
        using var model = OnnxModel.Load(Zipped("a", "b").Bytes());
        foreach (var wanted in new[] { "p", "p.keys" })
        {
            var message = Assert.Throws<InferenceRunException>(() => model.Run([Vectors.Of("x", TensorType.Fp32, [1, 3], 1f, 2, 3)], [wanted])).Message;
            Assert.Equal("The model failed on this request: output 'p' has the shape [1,3], but 2 keys.", message);
        }
    }

    [Fact]
    public async Task Requests_for_maps_share_a_batch_and_get_their_own_rows()
    {
        using var model = OnnxModel.Load(Zipped("a", "b").Bytes());
        await using var batcher = new Batcher(model, new BatchingOptions { MaxBatchRows = 64 }, TimeProvider.System);
        Assert.True(new BatchDimension(model.Signature, maxRows: 64).AreSplittable(["p", "p.keys"]));
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => batcher.RunAsync([Vectors.Of("x", TensorType.Fp32, [1, 2], (float)i, -i)]).AsTask()));
        for (var i = 0; i < answers.Length; i++)
        {
            Assert.True(answers[i].TryGet(out var outputs, out _));
            Assert.Equal([(float)i, -i], outputs[0].Values<float>());
            Assert.Equal(["a", "b"], outputs[1].Texts());
        }
    }

    [Fact]
    public void Maps_whose_parts_cannot_be_named_are_left_out_and_say_why()
    {
        var proto = Zipped("a", "b").Out("p.keys", DataType.Float, "n", 2);
        proto.Graph.Node.Add(Graphs.Node("Identity", ["x"], ["p.keys"]));
        using var model = OnnxModel.Load(proto.Bytes());
        var x = Vectors.Of("x", TensorType.Fp32, [1, 2], 1f, 2);
        Assert.Equal("p.keys", Assert.Single(model.Run([x])).Name);
        var message = Assert.Throws<InferenceInputException>(() => model.Run([x], ["p"])).Message;
        Assert.Contains("Output 'p' is a sequence of maps of STRING to tensors of FLOAT, whose parts would be called 'p' and 'p.keys'", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("twice", "twice")]
    [InlineData]
    public void Keys_that_are_no_set_are_left_to_the_runtime(params string[] keys)
    {
        var proto = Zipped(keys).Out("y", DataType.Float, "n", 2);
        proto.Graph.Node.Add(Graphs.Node("Identity", ["x"], ["y"]));
        var inspected = OnnxModelFile.Inspect(proto.Bytes());
        Assert.True(inspected.IsAccepted, inspected.Detail);
        Assert.Equal("y", Assert.Single(inspected.File.Signature.Outputs).Name);
        Assert.Equal("a sequence of maps of STRING to tensors of FLOAT", inspected.File.Signature.OtherOutputs["p"]);
    }

    [Fact]
    public void Maps_that_another_node_reads_are_left_to_it()
    {
        var proto = Zipped("a", "b").Out("y", DataType.Float, "n", 2);
        proto.Graph.Node.Add(Graphs.Node("Identity", ["x"], ["y"]));
        proto.Graph.Node.Add(Graphs.Node("Identity", ["p"], ["again"]));
        Assert.Equal(["p"], OnnxModelFile.Inspect(proto.Bytes()).File!.Signature.OtherOutputs.Keys);
    }

    [Fact]
    public void A_damaged_model_with_maps_is_refused_or_runs_and_the_process_lives()
    {
        DamagedModels.AreRefusedOrRun(Zipped("a", "b").Bytes(), rounds: 400, seed: 13);
    }

    private static string[] Outputs(ModelSignature signature) => [.. signature.Outputs.Select(o => $"{o.Name} {o.Type.ToProtocolName()} {o.ShapeText}")];

    /// <summary>p = one map for each row of x.</summary>
    private static ModelProto Zipped(params string[] labels)
    {
        var attribute = new AttributeProto { Name = "classlabels_strings", Type = AttributeType.Strings };
        attribute.Strings.Add(labels.Select(ByteString.CopyFromUtf8));
        var node = Graphs.Node("ZipMap", ["x"], ["p"], attribute);
        node.Domain = "ai.onnx.ml";
        var model = Graphs.Model(node);
        model.Graph.Input.Add(new ValueInfoProto { Name = "x", Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float } } });
        model.Graph.Output.Add(new ValueInfoProto
        {
            Name = "p",
            Type = new TypeProto
            {
                SequenceType = new TypeProto.Types.Sequence
                {
                    ElemType = new TypeProto { MapType = new TypeProto.Types.Map { KeyType = (int)DataType.String, ValueType = Graphs.Value("v", DataType.Float).Type } },
                },
            },
        });
        return model;
    }
}
