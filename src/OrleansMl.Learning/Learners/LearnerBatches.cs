namespace OrleansMl.Learning;

/// <summary>Several rows at a time: the same as one after the other, in order.</summary>
public static class LearnerBatches
{
    /// <summary>Predicts every row.</summary>
    /// <param name="predictions">[N], written.</param>
    /// <exception cref="ArgumentException">Another length, or rows of another shape.</exception>
    public static void PredictMany(this ILearner learner, in FeatureBatch rows, Span<double> predictions)
    {
        CheckLength(rows.Count, predictions.Length, nameof(predictions));
        for (var i = 0; i < rows.Count; i++)
            predictions[i] = learner.PredictOne(rows[i]);
    }

    /// <summary>Predicts the classes of every row.</summary>
    /// <param name="probabilities">[N, C], row-major, written.</param>
    /// <exception cref="ArgumentException">Another length, or rows of another shape.</exception>
    public static void PredictProbabilitiesMany(this IMulticlassLearner learner, in FeatureBatch rows, Span<double> probabilities)
    {
        var classes = learner.Classes;
        CheckLength(rows.Count * classes, probabilities.Length, nameof(probabilities));
        for (var i = 0; i < rows.Count; i++)
            learner.PredictProbabilities(rows[i], probabilities.Slice(i * classes, classes));
    }

    /// <summary>Learns row after row. A row that is refused ends it: those before it are learned.</summary>
    /// <param name="labels">[N].</param>
    /// <param name="weights">[N], or empty: all are 1.</param>
    /// <exception cref="ArgumentException">Another length, or what <see cref="ILearner.LearnOne"/> refuses.</exception>
    public static void LearnMany(this ILearner learner, in FeatureBatch rows, ReadOnlySpan<double> labels, ReadOnlySpan<double> weights = default)
    {
        CheckLength(rows.Count, labels.Length, nameof(labels));
        if (!weights.IsEmpty)
            CheckLength(rows.Count, weights.Length, nameof(weights));
        for (var i = 0; i < rows.Count; i++)
            learner.LearnOne(rows[i], labels[i], weights.IsEmpty ? 1 : weights[i]);
    }

    private static void CheckLength(int expected, int actual, string parameter)
    {
        if (actual != expected)
            throw new ArgumentException($"The rows take {expected} numbers, not {actual}.", parameter);
    }
}
