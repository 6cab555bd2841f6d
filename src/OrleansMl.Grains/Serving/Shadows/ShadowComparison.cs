using System.Runtime.InteropServices;
using OrleansMl.Inference;

namespace OrleansMl.Serving;

/// <summary>A shadow's answer beside the one that was returned.</summary>
/// <param name="IsEqual">They are the same, but for rounding (1e-5 relative).</param>
/// <param name="Differences">Absolute differences of the scores, where there are scores.</param>
internal readonly record struct ShadowComparison(bool IsEqual, IReadOnlyList<double> Differences)
{
    private const double Tolerance = 1e-5;

    /// <summary>Compares the model's own scores, one for each vector.</summary>
    public static ShadowComparison OfScores(IReadOnlyList<double> returned, IReadOnlyList<double> shadow) =>
        new(returned.Zip(shadow).All(p => IsNear(p.First, p.Second)), [.. returned.Zip(shadow, (a, b) => Math.Abs(a - b))]);

    /// <summary>Compares tensors by name, type, shape and elements.</summary>
    public static ShadowComparison OfTensors(IReadOnlyList<Tensor> returned, IReadOnlyList<Tensor> shadow) =>
        new(returned.Count == shadow.Count && returned.Zip(shadow).All(p => IsSame(p.First, p.Second)), []);

    private static bool IsSame(Tensor a, Tensor b)
    {
        if (a.Name != b.Name || a.Type != b.Type || !a.Shape.Span.SequenceEqual(b.Shape.Span))
            return false;
        return a.Type switch
        {
            TensorType.Bytes => a.Elements.ToArray().Zip(b.Elements.ToArray()).All(p => p.First.Span.SequenceEqual(p.Second.Span)),
            TensorType.Fp32 => AreNear(MemoryMarshal.Cast<byte, float>(a.Data.Span), MemoryMarshal.Cast<byte, float>(b.Data.Span)),
            TensorType.Fp64 => AreNear(MemoryMarshal.Cast<byte, double>(a.Data.Span), MemoryMarshal.Cast<byte, double>(b.Data.Span)),
            _ => a.Data.Span.SequenceEqual(b.Data.Span),
        };
    }

    private static bool AreNear<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b)
        where T : System.Numerics.INumber<T>
    {
        for (var i = 0; i < a.Length; i++)
        {
            if (!IsNear(double.CreateChecked(a[i]), double.CreateChecked(b[i])))
                return false;
        }

        return true;
    }

    private static bool IsNear(double a, double b) => a.Equals(b) || Math.Abs(a - b) <= Tolerance * Math.Max(Math.Abs(a), Math.Abs(b));
}
