namespace OrleansMl.Learning;

/// <summary>
/// An online learner. Its answer is one number: the probability of class 1, a value, or, of more than two classes, the
/// index of the most probable (see <see cref="IMulticlassLearner"/>). Not thread-safe; deterministic for equal input.
/// </summary>
public interface ILearner
{
    /// <summary>Name in application files.</summary>
    string Type { get; }

    /// <summary>Examples learned, by count.</summary>
    long Examples { get; }

    /// <summary>Probability in (0, 1), the predicted value, or the index of the most probable class. Never changes the learner.</summary>
    double PredictOne(in FeatureSpan x);

    /// <summary>Learns one example.</summary>
    /// <param name="x">The transformed row.</param>
    /// <param name="label">The class, from 0, or the value.</param>
    /// <param name="weight">Importance weight in (0, 1e12].</param>
    /// <exception cref="ArgumentException">A row of another shape.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Label, weight or a feature is not finite, or the label is none of the target's.</exception>
    /// <exception cref="LearnerException">The update would not be finite; nothing was learned.</exception>
    void LearnOne(in FeatureSpan x, double label, double weight = 1);

    /// <summary>What it knows now, for prediction alone: what is exported.</summary>
    LearnerModel Snapshot();

    /// <summary>The full state with the optimiser's, as versioned bytes: a restored learner goes on bit for bit.</summary>
    byte[] Save();
}
