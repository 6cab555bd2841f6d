using System.Numerics.Tensors;

namespace OrleansMl.Learning;

/// <summary>Figures of rows of K class probabilities. Probabilities are row-major [rows, K]; labels are classes in [0, K).</summary>
public static class MulticlassScores
{
    /// <summary>Mean −ln of the probability of the true class.</summary>
    public static double LogLoss(ReadOnlySpan<double> probabilities, ReadOnlySpan<int> labels, int classes)
    {
        Require(probabilities, labels, classes);
        double sum = 0;
        for (var i = 0; i < labels.Length; i++)
            sum += Losses.LogLoss(probabilities[(i * classes) + labels[i]], 1);
        return sum / labels.Length;
    }

    /// <summary>Mean Σ_c (p_c − 1[c is true])² over the rows, in [0, 2] (Brier 1950).</summary>
    public static double Brier(ReadOnlySpan<double> probabilities, ReadOnlySpan<int> labels, int classes)
    {
        Require(probabilities, labels, classes);
        double sum = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            var row = probabilities.Slice(i * classes, classes);
            sum += TensorPrimitives.SumOfSquares(row) + 1 - (2 * row[labels[i]]);
        }

        return sum / labels.Length;
    }

    /// <summary>Share of rows whose true class is among the k most probable; equal probabilities stand in class order.</summary>
    public static double TopAccuracy(ReadOnlySpan<double> probabilities, ReadOnlySpan<int> labels, int classes, int k)
    {
        Require(probabilities, labels, classes);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        var right = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            var row = probabilities.Slice(i * classes, classes);
            var before = 0;
            for (var one = 0; one < classes; one++)
                before += row[one] > row[labels[i]] || (row[one] == row[labels[i]] && one < labels[i]) ? 1 : 0;
            right += before < k ? 1 : 0;
        }

        return (double)right / labels.Length;
    }

    /// <summary>The mean over classes of the AUC of that class against all others; NaN where a class does not occur.</summary>
    public static double AucOneVsRest(ReadOnlySpan<double> probabilities, ReadOnlySpan<int> labels, int classes)
    {
        Require(probabilities, labels, classes);
        double sum = 0;
        for (var one = 0; one < classes; one++)
            sum += Auc(probabilities, labels, classes, one, other: null);
        return sum / classes;
    }

    /// <summary>The mean over ordered pairs of classes of the AUC of one against the other (Hand and Till 2001): blind to class shares.</summary>
    public static double AucOneVsOne(ReadOnlySpan<double> probabilities, ReadOnlySpan<int> labels, int classes)
    {
        Require(probabilities, labels, classes);
        double sum = 0;
        for (var one = 0; one < classes; one++)
        {
            for (var other = 0; other < classes; other++)
                sum += one == other ? 0 : Auc(probabilities, labels, classes, one, other);
        }

        return sum / (classes * (classes - 1));
    }

    private static double Auc(ReadOnlySpan<double> probabilities, ReadOnlySpan<int> labels, int classes, int one, int? other)
    {
        var (scores, positive) = (new List<double>(labels.Length), new List<double>(labels.Length));
        for (var i = 0; i < labels.Length; i++)
        {
            if (other is { } rival && labels[i] != one && labels[i] != rival)
                continue;
            scores.Add(probabilities[(i * classes) + one]);
            positive.Add(labels[i] == one ? 1 : 0);
        }

        return RocAuc.Compute(scores.ToArray(), positive.ToArray());
    }

    private static void Require(ReadOnlySpan<double> probabilities, ReadOnlySpan<int> labels, int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        if (probabilities.Length != (long)labels.Length * classes || labels.IsEmpty)
            throw new ArgumentException($"{labels.Length} labels of {classes} classes need {(long)labels.Length * classes} probabilities (and at least one row), not {probabilities.Length}.", nameof(probabilities));
        Inputs.RequireFinite(probabilities, nameof(probabilities));
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i] < 0 || labels[i] >= classes)
                throw new ArgumentException($"The label of row {i} is {labels[i]}; it must be in [0, {classes}).", nameof(labels));
        }
    }
}
