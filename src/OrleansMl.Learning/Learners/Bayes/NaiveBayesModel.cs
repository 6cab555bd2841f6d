using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>
/// Naive Bayes at one moment: softmax over classes of log prior + Σ ln(floor + normal density) + Σ value · ln share.
/// </summary>
/// <param name="LogPriors">[C]; −∞ for a class that is ruled out.</param>
/// <param name="Means">[D, C], row-major.</param>
/// <param name="Variances">[D, C]; 0: no density.</param>
/// <param name="DensityFloor">&gt; 0.</param>
/// <param name="Hashed">Rows [C]: logarithms of the shares.</param>
/// <param name="Unseen">[C]: that of a feature never seen.</param>
/// <param name="HashBits">The hashed table has 2^bits places; 0: none.</param>
public sealed record NaiveBayesModel(
    ImmutableArray<double> LogPriors,
    ImmutableArray<double> Means,
    ImmutableArray<double> Variances,
    double DensityFloor,
    SparseRows Hashed,
    ImmutableArray<double> Unseen,
    int HashBits) : LearnerModel
{
    public override int DenseCount => Means.Length / Classes;

    public override int Classes => LogPriors.Length;

    public override void Predict(in FeatureSpan x, Span<double> output)
    {
        Check(x, output);
        output.Clear();
        for (var i = 0; i < x.Dense.Length; i++)
        {
            for (var c = 0; c < output.Length; c++)
                output[c] += Math.Log(DensityFloor + GaussianEstimate.Density(x.Dense[i], Means[(i * output.Length) + c], Variances[(i * output.Length) + c]));
        }

        for (var i = 0; i < x.HashedIndices.Length; i++)
        {
            if (x.HashedValues[i] == 0)
                continue;
            var row = Hashed.Find(x.HashedIndices[i]);
            if (row.IsEmpty)
                row = Unseen.AsSpan();
            for (var c = 0; c < output.Length; c++)
                output[c] += x.HashedValues[i] * row[c];
        }

        for (var c = 0; c < output.Length; c++)
            output[c] += LogPriors[c];
        Probabilities.FromLogs(output);
    }
}
