using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>A factorization machine at one moment: link(bias + Σ wᵢ xᵢ + Σ_{i&lt;j} ⟨vᵢ, vⱼ⟩ xᵢ xⱼ).</summary>
/// <param name="Bias">Weight of the constant.</param>
/// <param name="Dense">[D, 1 + F], row-major: weight, then factors.</param>
/// <param name="Hashed">Rows [1 + F] of the table.</param>
/// <param name="HashBits">The hashed table has 2^bits places; 0: none.</param>
/// <param name="Factors">F.</param>
/// <param name="Link">To the answer.</param>
public sealed record FactorizationMachineModel(double Bias, ImmutableArray<double> Dense, SparseRows Hashed, int HashBits, int Factors, Link Link) : LearnerModel
{
    public override int DenseCount => Dense.Length / (1 + Factors);

    public override int Classes => Link == Link.Logistic ? 2 : 0;

    public override void Predict(in FeatureSpan x, Span<double> output)
    {
        Check(x, output);
        Span<double> sums = stackalloc double[Factors];
        sums.Clear();
        var (linear, squares) = (Bias, 0.0);
        for (var i = 0; i < x.Dense.Length; i++)
            FactorizationSums.Add(Dense.AsSpan(i * (1 + Factors), 1 + Factors), 1, x.Dense[i], sums, ref linear, ref squares);
        for (var i = 0; i < x.HashedIndices.Length; i++)
            FactorizationSums.Add(Hashed.Find(x.HashedIndices[i]), 1, x.HashedValues[i], sums, ref linear, ref squares);
        var score = FactorizationSums.Score(linear, squares, sums);
        if (Link == Link.Identity)
            output[0] = score;
        else
            (output[0], output[1]) = (Probabilities.Logistic(-score), Probabilities.Logistic(score));
    }
}
