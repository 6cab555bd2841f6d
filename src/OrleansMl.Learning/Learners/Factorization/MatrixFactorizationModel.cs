namespace OrleansMl.Learning;

/// <summary>A biased matrix factorization at one moment: link(clip(center + bᵤ + bᵢ + ⟨pᵤ, qᵢ⟩)).</summary>
/// <param name="Center">μ.</param>
/// <param name="Users">Rows [1 + F]: bias, then factors.</param>
/// <param name="Items">Likewise.</param>
/// <param name="HashBits">Both tables have 2^bits places.</param>
/// <param name="Link">To the answer.</param>
/// <param name="Min">Limit of the value; −∞ for open.</param>
/// <param name="Max">+∞ for open.</param>
public sealed record MatrixFactorizationModel(double Center, SparseRows Users, SparseRows Items, int HashBits, Link Link, double Min, double Max) : LearnerModel
{
    public override int DenseCount => 0;

    public override int Classes => Link == Link.Logistic ? 2 : 0;

    public override void Predict(in FeatureSpan x, Span<double> output)
    {
        Check(x, output);
        RowCheck.HashedCount(x, 2);
        var user = x.HashedValues[0] == 0 ? [] : Users.Find(x.HashedIndices[0]);
        var item = x.HashedValues[1] == 0 ? [] : Items.Find(x.HashedIndices[1]);
        var score = Center + (user.IsEmpty ? 0 : user[0]) + (item.IsEmpty ? 0 : item[0]);
        for (var f = 1; f < user.Length && !item.IsEmpty; f++)
            score += user[f] * item[f];
        if (Link == Link.Identity)
            output[0] = Math.Clamp(score, Min, Max);
        else
            (output[0], output[1]) = (Probabilities.Logistic(-score), Probabilities.Logistic(score));
    }
}
