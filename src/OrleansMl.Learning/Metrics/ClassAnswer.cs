using System.Numerics.Tensors;

namespace OrleansMl.Learning;

/// <summary>
/// What an answer of several classes was worth once the truth is known: all that figures and comparisons ask of it, whatever the
/// number of classes.
/// </summary>
/// <param name="Class">The most probable class; of equal ones the first.</param>
/// <param name="OfTruth">Probability that was given to the true class.</param>
/// <param name="SquaredError">Σ_c (p_c − 1[c is true])², in [0, 2] (Brier 1950).</param>
public readonly record struct ClassAnswer(int Class, double OfTruth, double SquaredError)
{
    /// <summary>−ln of the probability given to the true class, limited as <see cref="Losses.LogLoss"/> limits it.</summary>
    public double LogLoss => Losses.LogLoss(OfTruth, 1);

    /// <summary>Share of the probability that lay on other classes: of two classes |p − y|.</summary>
    public double AbsoluteError => 1 - OfTruth;

    /// <param name="probabilities">[C], one for each class.</param>
    /// <param name="label">The true class.</param>
    /// <exception cref="ArgumentOutOfRangeException">The label is no class of these.</exception>
    public static ClassAnswer Of(ReadOnlySpan<double> probabilities, double label)
    {
        var truth = (int)label;
        if (truth != label || truth < 0 || truth >= probabilities.Length)
            throw new ArgumentOutOfRangeException(nameof(label), label, $"The label is no class from 0 to {probabilities.Length - 1}.");
        var ofTruth = probabilities[truth];
        return new ClassAnswer(Probabilities.MostProbable(probabilities), ofTruth, TensorPrimitives.SumOfSquares(probabilities) + 1 - (2 * ofTruth));
    }

    /// <summary>The answer of who is certain of one class.</summary>
    public static ClassAnswer Certain(double said, double label) => said == label ? new ClassAnswer((int)said, 1, 0) : new ClassAnswer((int)said, 0, 2);

    /// <summary>1 where the most probable class is the true one, else 0.</summary>
    public double Correct(double label) => Class == label ? 1 : 0;
}
