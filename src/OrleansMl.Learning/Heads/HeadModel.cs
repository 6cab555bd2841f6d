using System.Collections.Immutable;
using System.Numerics.Tensors;

namespace OrleansMl.Learning;

/// <summary>
/// The head of a network at one moment: scores = weights · h + bias of an embedding h. Several rows are classes (softmax); one row
/// is a logit (logistic: two classes) or a value (identity). Where it is rectified, scores below 0 count as 0.
/// </summary>
/// <param name="Weights">[R, E], row-major.</param>
/// <param name="Bias">[R].</param>
/// <param name="Link">Of one row; <see cref="Link.Logistic"/> where there are several.</param>
public sealed record HeadModel(ImmutableArray<double> Weights, ImmutableArray<double> Bias, Link Link) : LearnerModel
{
    /// <summary>A Relu follows the scores in the network.</summary>
    public bool IsRectified { get; init; }

    /// <summary>R: scores it computes.</summary>
    public int Rows => Bias.Length;

    /// <summary>E: width of the embedding.</summary>
    public override int DenseCount => Weights.Length / Bias.Length;

    /// <summary>0: an embedding has no hashed features.</summary>
    public override int HashBits
    {
        get => 0;
        init => ArgumentOutOfRangeException.ThrowIfNotEqual(value, 0);
    }

    public override int Classes => ClassesOf(Rows, Link);

    /// <summary>A head that answers evenly, or 0.</summary>
    /// <param name="embedding">E.</param>
    /// <param name="classes">0: a value; 2: one logit.</param>
    public static HeadModel Zero(int embedding, int classes)
    {
        var rows = Math.Max(1, classes == 2 ? 1 : classes);
        return new HeadModel([.. new double[rows * embedding]], [.. new double[rows]], classes == 0 ? Link.Identity : Link.Logistic);
    }

    public override void Predict(in FeatureSpan x, Span<double> output)
    {
        Check(x, output);
        Scores(Weights.AsSpan(), Bias.AsSpan(), x.Dense, output[..Rows]);
        Answer(Link, IsRectified, output, Rows);
    }

    /// <summary>Scores become the probabilities of their classes.</summary>
    public static void Normalise(Span<double> scores) => Probabilities.Softmax(scores);

    internal static int ClassesOf(int rows, Link link) => rows > 1 ? rows : link == Link.Logistic ? 2 : 0;

    /// <summary>The value, or a probability per class, in the place of the scores.</summary>
    internal static void Answer(Link link, bool isRectified, Span<double> output, int rows)
    {
        if (isRectified)
            TensorPrimitives.Max(output[..rows], 0, output[..rows]);
        if (rows > 1)
            Probabilities.Softmax(output);
        else if (link == Link.Logistic)
            (output[0], output[1]) = (Probabilities.Logistic(-output[0]), Probabilities.Logistic(output[0]));
    }

    /// <summary>[R], written.</summary>
    internal static void Scores(ReadOnlySpan<double> weights, ReadOnlySpan<double> bias, ReadOnlySpan<double> h, Span<double> scores)
    {
        for (var r = 0; r < bias.Length; r++)
            scores[r] = bias[r] + TensorPrimitives.Dot(weights.Slice(r * h.Length, h.Length), h);
    }
}
