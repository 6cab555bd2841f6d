using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>The mean of some models of one shape.</summary>
/// <param name="Members">At least one.</param>
public sealed record BaggedModel(ImmutableArray<LearnerModel> Members) : LearnerModel
{
    public override int DenseCount => Members[0].DenseCount;

    public override int HashBits { get; init; } = Members[0].HashBits;

    public override int Classes => Members[0].Classes;

    public override void Predict(in FeatureSpan x, Span<double> output)
    {
        Check(x, output);
        Span<double> one = output.Length <= Probabilities.OnStack ? stackalloc double[output.Length] : new double[output.Length];
        output.Clear();
        foreach (var member in Members)
        {
            member.Predict(x, one);
            for (var i = 0; i < output.Length; i++)
                output[i] += one[i] / Members.Length;
        }
    }
}
