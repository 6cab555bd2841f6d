using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>The weights of a linear learner at one moment: link(clip(bias + dense · x + Σ hashed)).</summary>
/// <param name="Dense">[D].</param>
/// <param name="Hashed">Weights that are not 0, by ascending index.</param>
/// <param name="HashBits">The hashed table has 2^bits places; 0: none.</param>
/// <param name="Bias">Weight of the constant feature.</param>
/// <param name="Link">To the answer.</param>
/// <param name="Min">The linear prediction is limited to [Min, Max]; −∞ for open.</param>
/// <param name="Max">+∞ for open.</param>
public sealed record LinearModel(ImmutableArray<double> Dense, ImmutableArray<HashedWeight> Hashed, int HashBits, double Bias, Link Link, double Min, double Max) : LearnerModel
{
    public override int DenseCount => Dense.Length;

    public override int Classes => Link == Link.Logistic ? 2 : 0;

    public override void Predict(in FeatureSpan x, Span<double> output)
    {
        Check(x, output);
        var sum = Bias;
        for (var i = 0; i < x.Dense.Length; i++)
            sum += Dense[i] * x.Dense[i];
        for (var i = 0; i < x.HashedIndices.Length; i++)
            sum += WeightAt(x.HashedIndices[i]) * x.HashedValues[i];
        sum = Math.Clamp(sum, Min, Max);
        if (Link == Link.Identity)
            output[0] = sum;
        else
            (output[0], output[1]) = (Probabilities.Logistic(-sum), Probabilities.Logistic(sum));
    }

    /// <summary>Weight of a place of the hashed table; 0 where it was never learned.</summary>
    internal double WeightAt(int index)
    {
        var place = Hashed.AsSpan().BinarySearch(new Place(index));
        return place < 0 ? 0 : Hashed[place].Weight;
    }

    private readonly struct Place(int index) : IComparable<HashedWeight>
    {
        public int CompareTo(HashedWeight other) => index.CompareTo(other.Index);
    }
}
