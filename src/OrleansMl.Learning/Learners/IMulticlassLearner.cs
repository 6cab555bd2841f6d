namespace OrleansMl.Learning;

/// <summary>A learner of classes that answers a probability for each.</summary>
public interface IMulticlassLearner : ILearner
{
    /// <summary>C ≥ 2.</summary>
    int Classes { get; }

    /// <summary>A probability per class, together 1. Never changes the learner.</summary>
    /// <param name="x">The transformed row.</param>
    /// <param name="probabilities">[C], written.</param>
    /// <exception cref="ArgumentException">A row of another shape, or another length than C.</exception>
    void PredictProbabilities(in FeatureSpan x, Span<double> probabilities);
}
