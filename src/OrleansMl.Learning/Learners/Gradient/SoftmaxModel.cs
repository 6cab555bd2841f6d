using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>The weights of a multinomial logistic regression: softmax(bias + dense · x + Σ hashed).</summary>
/// <param name="Dense">[D, C], row-major.</param>
/// <param name="Hashed">Rows [C] of the table.</param>
/// <param name="HashBits">The hashed table has 2^bits places; 0: none.</param>
/// <param name="Bias">[C].</param>
public sealed record SoftmaxModel(ImmutableArray<double> Dense, SparseRows Hashed, int HashBits, ImmutableArray<double> Bias) : LearnerModel
{
    public override int DenseCount => Dense.Length / Bias.Length;

    public override int Classes => Bias.Length;

    public override void Predict(in FeatureSpan x, Span<double> output)
    {
        Check(x, output);
        Bias.AsSpan().CopyTo(output);
        for (var i = 0; i < x.Dense.Length; i++)
            Add(Dense.AsSpan(i * Classes, Classes), x.Dense[i], output);
        for (var i = 0; i < x.HashedIndices.Length; i++)
            Add(Hashed.Find(x.HashedIndices[i]), x.HashedValues[i], output);
        Probabilities.Softmax(output);
    }

    private static void Add(ReadOnlySpan<double> row, double x, Span<double> scores)
    {
        for (var c = 0; c < row.Length; c++)
            scores[c] += row[c] * x;
    }
}
