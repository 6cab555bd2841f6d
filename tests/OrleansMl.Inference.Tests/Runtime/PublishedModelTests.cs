namespace OrleansMl.Inference.Tests.Runtime;

/// <summary>Real models that come without outputs to compare with.</summary>
public class PublishedModelTests
{
    [SkippableFact]
    public void The_protocol_example_adds_and_subtracts_numbers_and_texts()
    {
        int[] first = [.. Enumerable.Range(0, 16)];
        int[] second = [.. Enumerable.Repeat(1, 16)];
        using (var model = OnnxModel.Load(TestData.Read("oip/models/simple/1/model.onnx")))
        {
            var outputs = model.Run([Vectors.Of("INPUT0", TensorType.Int32, [1, 16], first), Vectors.Of("INPUT1", TensorType.Int32, [1, 16], second)], ["OUTPUT0", "OUTPUT1"]);
            Assert.Equal(first.Select(v => v + 1), outputs[0].Values<int>());
            Assert.Equal(first.Select(v => v - 1), outputs[1].Values<int>());
        }

        using (var model = OnnxModel.Load(TestData.Read("oip/models/simple_string/1/model.onnx")))
        {
            var outputs = model.Run(
                [Vectors.Texts("INPUT0", [1, 16], [.. first.Select(v => $"{v}")]), Vectors.Texts("INPUT1", [1, 16], [.. second.Select(v => $"{v}")])],
                ["OUTPUT0", "OUTPUT1"]);
            Assert.Equal(first.Select(v => $"{v + 1}"), outputs[0].Texts());
            Assert.Equal(first.Select(v => $"{v - 1}"), outputs[1].Texts());
        }

        using (var model = OnnxModel.Load(TestData.Read("oip/models/simple_int8/1/model.onnx")))
        {
            sbyte[] a = [.. first.Select(v => (sbyte)v)];
            sbyte[] b = [.. second.Select(v => (sbyte)v)];
            var outputs = model.Run([Vectors.Of("INPUT0", TensorType.Int8, [1, 16], a), Vectors.Of("INPUT1", TensorType.Int8, [1, 16], b)], ["OUTPUT0", "OUTPUT1"]);
            Assert.Equal(first.Select(v => v + 1.0), outputs[0].Numbers());
            Assert.Equal(first.Select(v => v - 1.0), outputs[1].Numbers());
        }
    }

    [SkippableTheory]
    [InlineData("treecl.onnx", 3)]
    [InlineData("treecl2.onnx", 2)]
    [InlineData("treecl3.onnx", 4)]
    [InlineData("test_xgb.onnx", 1)]
    [InlineData("mlnet_breastcancer_logreg.onnx", 10)]
    public void Tabular_models_load_warm_and_answer_in_the_width_of_their_classes(string file, int width)
    {
        using var model = OnnxModel.Load(TestData.Read($"onnx-sklearn/{file}"));
        var warm = WarmUp.InputsFor(model.Signature, 2);
        // Trees state no width: it is that of the largest feature number they test.
        if (file.StartsWith("treecl", StringComparison.Ordinal))
            warm = [new Tensor(model.Signature.Inputs[0].Name, TensorType.Fp32, new long[] { 2, 64 }, new byte[4 * 2 * 64])];
        var outputs = model.Run(warm);
        Assert.Equal(width, outputs[^1].Shape.Span[^1]);
        Assert.All(outputs[^1].Numbers(), v => Assert.True(double.IsFinite(v)));
    }

    [SkippableFact]
    public void A_model_with_many_scalar_inputs_answers()
    {
        using var model = OnnxModel.Load(TestData.Read("onnx-sklearn/model_181031_12.onnx"));
        Assert.Equal(201, model.Signature.Inputs.Length);
        Assert.NotEmpty(model.Run(WarmUp.InputsFor(model.Signature, 1)));
    }

    [SkippableFact]
    public void A_model_with_state_and_subgraphs_carries_its_state()
    {
        using var model = OnnxModel.Load(TestData.Read("onnx-silero-vad/silero_vad_16k_op15.onnx"));
        var state = new Tensor("state", TensorType.Fp32, new long[] { 2, 1, 128 }, new byte[4 * 256]);
        float[] tone = [.. Enumerable.Range(0, 576).Select(i => (float)Math.Sin(i * 0.2))];
        for (var step = 0; step < 3; step++)
        {
            var outputs = model.Run([Vectors.Of("input", TensorType.Fp32, [1, 576], tone), state, Vectors.Of("sr", TensorType.Int64, [], 16_000L)], ["output", "stateN"]);
            Assert.InRange(outputs[0].Numbers().Single(), 0, 1);
            var next = new Tensor("state", TensorType.Fp32, outputs[1].Shape, outputs[1].Data);
            Assert.NotEqual(state.Data.ToArray(), next.Data.ToArray());
            state = next;
        }
    }
}
