using System.Runtime.InteropServices;
using System.Text;
using OrleansMl.Catalog;
using OrleansMl.Inference;

namespace OrleansMl.Serving;

/// <summary>
/// A registered file without a pipeline: columns go to the inputs of the same name, or, where the file has one numeric
/// input [N, F], all numeric columns in order.
/// </summary>
internal sealed class ArtifactScorer(ModelSessions artifact) : IVectorScorer
{
    public double Score(CompiledModel model, IReadOnlyList<Scalar> vector) => ReadScore(artifact.Run(Inputs(model, vector)));

    public void Score(CompiledModel model, IReadOnlyList<Scalar> vector, Span<double> probabilities)
    {
        var outputs = artifact.Run(Inputs(model, vector));
        for (var i = outputs.Count - 1; i >= 0; i--)
        {
            if (TryRead(outputs[i], probabilities))
                return;
        }

        throw new ScoringException($"No output of the model is a probability for each of {probabilities.Length} classes: there must be one of FP32 or FP64 with as many numbers ({Described(outputs)}).");
    }

    public void Dispose()
    {
    }

    private List<Tensor> Inputs(CompiledModel model, IReadOnlyList<Scalar> vector)
    {
        var signature = artifact.Signature;
        var tensors = new List<Tensor>(signature.Inputs.Length);
        foreach (var input in signature.Inputs)
        {
            var index = model.Schema.IndexOf(input.Name);
            if (index >= 0)
                tensors.Add(ToTensor(input, [vector[index]]));
            else if (signature.Inputs.Length == 1 && input.Type != TensorType.Bytes)
                tensors.Add(ToTensor(input, [.. vector.Where((_, i) => !model.Definition.Columns[i].IsCategorical)]));
            else
                throw new ScoringException($"Input '{input.Name}' of the model is no column of '{model.Name}'; name the inputs after the columns ({string.Join(", ", model.Schema.Columns.Select(c => c.Name))}).");
        }

        return tensors;
    }

    private static Tensor ToTensor(TensorSpec input, IReadOnlyList<Scalar> values)
    {
        long[] shape = input.HasShape && input.Shape.Length == 1 ? [values.Count] : [1, values.Count];
        if (input.Type == TensorType.Bytes)
            return new Tensor(input.Name, shape, values.Select(v => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(v.AsText() ?? "")).ToArray());
        var numbers = values.Select(v => v.AsNumber()).ToArray();
        ReadOnlySpan<byte> bytes = input.Type switch
        {
            TensorType.Fp32 => MemoryMarshal.AsBytes(Array.ConvertAll(numbers, n => (float)n).AsSpan()),
            TensorType.Fp64 => MemoryMarshal.AsBytes(numbers.AsSpan()),
            TensorType.Int64 => MemoryMarshal.AsBytes(Array.ConvertAll(numbers, n => double.IsNaN(n) ? 0L : (long)n).AsSpan()),
            TensorType.Int32 => MemoryMarshal.AsBytes(Array.ConvertAll(numbers, n => double.IsNaN(n) ? 0 : (int)n).AsSpan()),
            _ => throw new ScoringException($"Input '{input.Name}' is {input.Type.ToProtocolName()}; columns go to FP32, FP64, INT32, INT64 or BYTES."),
        };
        return new Tensor(input.Name, input.Type, shape, bytes.ToArray());
    }

    /// <summary>Probability of the last class of a [1, 2] output, else the single number of the last output that has one.</summary>
    private static double ReadScore(IReadOnlyList<Tensor> outputs)
    {
        for (var i = outputs.Count - 1; i >= 0; i--)
        {
            var output = outputs[i];
            if (output.Type == TensorType.Fp32 && output.Data.Length is 4 or 8)
                return MemoryMarshal.Cast<byte, float>(output.Data.Span)[^1];
            if (output.Type == TensorType.Fp64 && output.Data.Length is 8 or 16)
                return MemoryMarshal.Cast<byte, double>(output.Data.Span)[^1];
        }

        throw new ScoringException($"No output of the model is a score: there must be one of FP32 or FP64 with one or two numbers ({Described(outputs)}).");
    }

    private static bool TryRead(Tensor output, Span<double> probabilities)
    {
        if (output.Type == TensorType.Fp64 && output.Data.Length == probabilities.Length * sizeof(double))
        {
            MemoryMarshal.Cast<byte, double>(output.Data.Span).CopyTo(probabilities);
            return true;
        }

        if (output.Type != TensorType.Fp32 || output.Data.Length != probabilities.Length * sizeof(float))
            return false;
        var numbers = MemoryMarshal.Cast<byte, float>(output.Data.Span);
        for (var i = 0; i < probabilities.Length; i++)
            probabilities[i] = numbers[i];
        return true;
    }

    private static string Described(IReadOnlyList<Tensor> outputs) =>
        $"there are {string.Join(", ", outputs.Select(o => $"{o.Name} {o.Type.ToProtocolName()}[{string.Join(',', o.Shape.ToArray())}]"))}";
}
