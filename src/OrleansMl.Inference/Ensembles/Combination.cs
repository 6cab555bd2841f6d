using System.Numerics;
using System.Runtime.InteropServices;

namespace OrleansMl.Inference;

/// <summary>Makes one tensor of several, element by element. Results are on memory of their own.</summary>
public static class Combination
{
    // Sums of the same weights in another order differ in the last bits; that decides no vote.
    private const double Rounding = 1e-12;

    /// <summary>Combines tensors.</summary>
    /// <param name="step">How.</param>
    /// <param name="inputs">One for each input of the step, in its order.</param>
    /// <exception cref="InferenceInputException">They differ in type or shape, or are of a type that cannot be combined so.</exception>
    public static Tensor Run(CombineStep step, IReadOnlyList<Tensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(inputs);
        var first = inputs[0];
        for (var i = 1; i < inputs.Count; i++)
        {
            if (inputs[i].Type != first.Type || !inputs[i].Shape.Span.SequenceEqual(first.Shape.Span))
                throw new InferenceInputException($"Tensor '{step.Inputs[i]}' is {Text(inputs[i])} and '{step.Inputs[0]}' {Text(first)}; {step.What} takes tensors of one type and shape.");
        }

        if (!Takes(step.Kind, first.Type))
            throw new InferenceInputException($"Tensor '{step.Inputs[0]}' is {first.Type.ToProtocolName()}; {step.What} takes {Wanted(step.Kind)}.");
        double[] weights = step.Weights.IsEmpty ? [.. Enumerable.Repeat(1.0, inputs.Count)] : [.. step.Weights];
        return (step.Kind, first.Type) switch
        {
            (CombinationKind.Average, TensorType.Fp16) => Average<Half>(step.Output, inputs, weights),
            (CombinationKind.Average, TensorType.Fp32) => Average<float>(step.Output, inputs, weights),
            (CombinationKind.Average, _) => Average<double>(step.Output, inputs, weights),
            (_, TensorType.Bytes) => VoteOfTexts(step.Output, inputs, weights),
            _ => Vote(step.Output, inputs, weights),
        };
    }

    internal static bool Takes(CombinationKind kind, TensorType type) => kind == CombinationKind.Average
        ? type is TensorType.Fp16 or TensorType.Fp32 or TensorType.Fp64
        : type is not (TensorType.Fp16 or TensorType.Bf16 or TensorType.Fp32 or TensorType.Fp64);

    internal static string Wanted(CombinationKind kind) => kind == CombinationKind.Average ? "FP16, FP32 or FP64" : "labels: BYTES, BOOL or whole numbers";

    /// <summary>Σ w·x / Σ w, in double precision; an input of weight 0 does not count, whatever it holds.</summary>
    private static Tensor Average<T>(string name, IReadOnlyList<Tensor> inputs, double[] weights)
        where T : unmanaged, INumberBase<T>
    {
        var first = inputs[0];
        var sums = new double[first.Data.Length / first.Type.Size()];
        for (var i = 0; i < inputs.Count; i++)
        {
            if (weights[i] == 0)
                continue;
            var values = MemoryMarshal.Cast<byte, T>(inputs[i].Data.Span);
            for (var e = 0; e < sums.Length; e++)
                sums[e] += weights[i] * double.CreateChecked(values[e]);
        }

        var total = weights.Sum();
        var data = new byte[first.Data.Length];
        var result = MemoryMarshal.Cast<byte, T>(data.AsSpan());
        for (var e = 0; e < sums.Length; e++)
            result[e] = T.CreateSaturating(sums[e] / total);
        return new Tensor(name, first.Type, first.Shape.ToArray(), data);
    }

    private static Tensor Vote(string name, IReadOnlyList<Tensor> inputs, double[] weights)
    {
        var (first, size) = (inputs[0], inputs[0].Type.Size());
        var data = new byte[first.Data.Length];
        for (var at = 0; at < data.Length; at += size)
        {
            var offset = at;
            var winner = Winner(weights, (i, j) => inputs[i].Data.Span.Slice(offset, size).SequenceEqual(inputs[j].Data.Span.Slice(offset, size)));
            inputs[winner].Data.Span.Slice(at, size).CopyTo(data.AsSpan(at));
        }

        return new Tensor(name, first.Type, first.Shape.ToArray(), data);
    }

    private static Tensor VoteOfTexts(string name, IReadOnlyList<Tensor> inputs, double[] weights)
    {
        var elements = new ReadOnlyMemory<byte>[inputs[0].Elements.Length];
        for (var e = 0; e < elements.Length; e++)
        {
            var at = e;
            var winner = Winner(weights, (i, j) => inputs[i].Elements.Span[at].Span.SequenceEqual(inputs[j].Elements.Span[at].Span));
            elements[e] = inputs[winner].Elements.Span[e].ToArray();
        }

        return new Tensor(name, inputs[0].Shape.ToArray(), elements);
    }

    /// <summary>The first of the voters whose label has the most weight.</summary>
    private static int Winner(double[] weights, Func<int, int, bool> agree)
    {
        var (winner, most) = (0, double.NegativeInfinity);
        for (var i = 0; i < weights.Length; i++)
        {
            var votes = weights[i];
            for (var j = 0; j < weights.Length; j++)
            {
                if (j != i && agree(i, j))
                    votes += weights[j];
            }

            if (votes > most + (Rounding * Math.Abs(most)) || most == double.NegativeInfinity)
                (winner, most) = (i, votes);
        }

        return winner;
    }

    private static string Text(Tensor tensor) => $"{tensor.Type.ToProtocolName()} [{string.Join(',', tensor.Shape.ToArray())}]";
}
