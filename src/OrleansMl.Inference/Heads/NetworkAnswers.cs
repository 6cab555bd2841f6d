using OrleansMl.Learning;

namespace OrleansMl.Inference;

/// <summary>
/// Asks a whole network what its head is learned for: a probability per class, or a value, as the file itself answers. A network that answers labels alone is asked
/// for the probabilities of its head behind its trunk. For one thread at a time.
/// </summary>
public sealed class NetworkAnswers : IDisposable
{
    private readonly NetworkHead _head;
    private readonly OnnxModel? _model;
    private readonly TrunkModel? _trunk;
    private readonly long[] _rowShape;
    private readonly string? _normalised;
    private readonly bool _isSingle;
    private float[] _embeddings = [];

    private NetworkAnswers(NetworkHead head, OnnxModel? model, TrunkModel? trunk)
    {
        (_head, _model, _trunk) = (head, model, trunk);
        _rowShape = TrunkGraph.RowShape(head);
        _normalised = head.Path.Operators.LastOrDefault(op => op is "Softmax" or "LogSoftmax" or "Sigmoid");
        _isSingle = TrunkGraph.FixedRows(head) is not null;
    }

    /// <summary>D: numbers of a row.</summary>
    public int InputWidth => (int)_rowShape.Aggregate(1L, static (product, size) => product * size);

    /// <summary>Numbers of an answer: C classes, or 1 for a value.</summary>
    public int Width => Math.Max(1, _head.Start.Classes);

    /// <exception cref="HeadException">Its input cannot be fed.</exception>
    /// <exception cref="ModelLoadException">The runtime refuses it.</exception>
    public static NetworkAnswers Load(NetworkHead head)
    {
        ArgumentNullException.ThrowIfNull(head);
        var isLabel = head.Path.Operators.Contains("ArgMax");
        return new NetworkAnswers(head, isLabel ? null : OnnxModel.Load(head.Bytes), isLabel ? TrunkModel.Load(head) : null);
    }

    /// <summary>Asks for rows.</summary>
    /// <param name="rows">N ≥ 1.</param>
    /// <param name="inputs">[N, D], row-major.</param>
    /// <param name="answers">[N, <see cref="Width"/>], written.</param>
    /// <exception cref="InferenceRunException">The network fails, or its output is none of the head's.</exception>
    public void Predict(int rows, ReadOnlySpan<float> inputs, Span<double> answers)
    {
        if (inputs.Length != (long)rows * InputWidth || answers.Length != (long)rows * Width)
            throw new InferenceInputException($"{rows} rows take {(long)rows * InputWidth} numbers and give {(long)rows * Width}, not {inputs.Length} and {answers.Length}.");
        if (_model is null)
        {
            ByHead(rows, inputs, answers);
            return;
        }

        // A file that is written down for one row is asked row by row, as whoever serves it must.
        var together = _isSingle ? 1 : rows;
        for (var row = 0; row < rows; row += together)
            Run(_model, together, inputs.Slice(row * InputWidth, together * InputWidth), answers.Slice(row * Width, together * Width));
    }

    public void Dispose()
    {
        _model?.Dispose();
        _trunk?.Dispose();
    }

    private void Run(OnnxModel model, int rows, ReadOnlySpan<float> inputs, Span<double> answers)
    {
        var input = model.Signature.Inputs.Single();
        var output = TensorNumbers.ToDoubles(model.Run([new Tensor(input.Name, input.Type, (long[])[rows, .. _rowShape], TensorNumbers.ToBytes(input.Type, inputs))], [_head.Output])[0]);
        var scores = _head.Start.Rows;
        if (output.Length != rows * scores)
            throw new InferenceRunException($"The network's '{_head.Output}' has {output.Length} numbers for {rows} rows, not {scores} each.");
        for (var row = 0; row < rows; row++)
            Read(output.AsSpan(row * scores, scores), answers.Slice(row * Width, Width));
    }

    /// <summary>From what the file answers to probabilities.</summary>
    private void Read(Span<double> output, Span<double> answer)
    {
        if (output.Length == 1)
        {
            (answer[0], answer[^1]) = answer.Length == 1 ? (output[0], output[0]) : (1 - output[0], output[0]);
            return;
        }

        output.CopyTo(answer);
        if (_normalised is null)
            HeadModel.Normalise(answer);
        else if (_normalised == "LogSoftmax")
            System.Numerics.Tensors.TensorPrimitives.Exp(answer, answer);
    }

    private void ByHead(int rows, ReadOnlySpan<float> inputs, Span<double> answers)
    {
        var width = _trunk!.EmbeddingWidth;
        if (_embeddings.Length < rows * width)
            _embeddings = new float[rows * width];
        _trunk.Embed(rows, inputs, _embeddings.AsSpan(0, rows * width));
        var embedding = new double[width];
        for (var row = 0; row < rows; row++)
        {
            for (var j = 0; j < width; j++)
                embedding[j] = _embeddings[(row * width) + j];
            _head.Start.Predict(embedding, answers.Slice(row * Width, Width));
        }
    }
}
