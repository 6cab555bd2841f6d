using System.Numerics.Tensors;
using OrleansMl.Learning;

namespace OrleansMl.Inference;

/// <summary>Runs a network that was written, and compares what it answers with its head over the trunk's embedding.</summary>
internal static class HeadTrial
{
    private const int Rows = 4;

    /// <exception cref="HeadException">It does not run, or answers otherwise.</exception>
    public static void Run(NetworkHead head, HeadModel learned, byte[] network)
    {
        using var trunk = TrunkModel.Load(head);
        var inputs = HeadProbe.Rows(Rows, trunk.InputWidth);
        var embeddings = new float[Rows * trunk.EmbeddingWidth];
        trunk.Embed(Rows, inputs, embeddings);
        try
        {
            using var model = OnnxModel.Load(network);
            var perRun = TrunkGraph.FixedRows(head) is null ? Rows : 1;
            for (var row = 0; row < Rows; row += perRun)
                Compare(head, learned, model, trunk, inputs.AsSpan(row * trunk.InputWidth, perRun * trunk.InputWidth), embeddings.AsSpan(row * trunk.EmbeddingWidth, perRun * trunk.EmbeddingWidth), perRun);
        }
        catch (Exception exception) when (exception is ModelLoadException or InferenceInputException or InferenceRunException)
        {
            throw new HeadException(HeadCodes.WriteFailed, $"The network with the new head does not run: {exception.Message}", exception);
        }
    }

    private static void Compare(NetworkHead head, HeadModel learned, OnnxModel model, TrunkModel trunk, ReadOnlySpan<float> inputs, ReadOnlySpan<float> embeddings, int rows)
    {
        var input = model.Signature.Inputs.Single();
        var tensor = new Tensor(input.Name, input.Type, (long[])[rows, .. trunk.RowShape], TensorNumbers.ToBytes(input.Type, inputs));
        var output = model.Run([tensor], [head.Output])[0];
        if (head.Path.Operators.Any(op => op is "ArgMax" or "ZipMap"))
            return;
        var (answers, expected) = (TensorNumbers.ToDoubles(output), new double[learned.Rows]);
        if (answers.Length != rows * learned.Rows)
            throw new HeadException(HeadCodes.WriteFailed, $"The network with the new head answers {answers.Length} numbers for {rows} rows, not {learned.Rows} each.");
        var tolerance = output.Type == TensorType.Fp16 || head.Model.Graph.Initializer.Any(t => t.DataType == (int)Onnx.TensorProto.Types.DataType.Float16) ? 3e-2 : 1e-3;
        var h = new double[trunk.EmbeddingWidth];
        for (var row = 0; row < rows; row++)
        {
            for (var j = 0; j < h.Length; j++)
                h[j] = embeddings[(row * h.Length) + j];
            Expect(head, learned, h, expected);
            var size = Math.Max(1, expected.Max(Math.Abs));
            for (var r = 0; r < expected.Length; r++)
            {
                if (!(Math.Abs(answers[(row * expected.Length) + r] - expected[r]) <= tolerance * size))
                    throw new HeadException(HeadCodes.WriteFailed, FormattableString.Invariant($"The network with the new head answers {answers[(row * expected.Length) + r]:G6} where the head itself gives {expected[r]:G6}."));
            }
        }
    }

    private static void Expect(NetworkHead head, HeadModel learned, double[] h, double[] expected)
    {
        for (var r = 0; r < expected.Length; r++)
        {
            expected[r] = learned.Bias[r];
            for (var j = 0; j < h.Length; j++)
                expected[r] += learned.Weights[(r * h.Length) + j] * h[j];
        }

        foreach (var op in head.Path.Operators)
        {
            if (op == "Relu")
                TensorPrimitives.Max(expected, 0, expected);
            if (op == "Sigmoid")
                expected[0] = 1 / (1 + Math.Exp(-expected[0]));
            if (op is not ("Softmax" or "LogSoftmax"))
                continue;
            var most = expected.Max();
            var sum = expected.Sum(score => Math.Exp(score - most));
            for (var r = 0; r < expected.Length; r++)
                expected[r] = op == "Softmax" ? Math.Exp(expected[r] - most) / sum : expected[r] - most - Math.Log(sum);
        }
    }
}
