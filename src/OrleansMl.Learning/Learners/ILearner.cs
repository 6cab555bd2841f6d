namespace OrleansMl.Learning;

/// <summary>
/// An online learner of one number: a probability of the positive class, or a value. Not thread-safe; deterministic
/// for equal input.
/// </summary>
public interface ILearner
{
    /// <summary>Name in application files.</summary>
    string Type { get; }

    /// <summary>Examples learned, by count.</summary>
    long Examples { get; }

    /// <summary>Probability in (0, 1), or the predicted value. Never changes the learner.</summary>
    double PredictOne(in FeatureSpan x);

    /// <summary>Learns one example.</summary>
    /// <param name="x">The transformed row.</param>
    /// <param name="label">0 or 1, or the value.</param>
    /// <param name="weight">Importance weight, finite, &gt; 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">Label or weight is not finite, or not of the target's type.</exception>
    void LearnOne(in FeatureSpan x, double label, double weight = 1);

    /// <summary>The full state with the optimiser's, as versioned bytes: a restored learner goes on bit for bit.</summary>
    byte[] Save();
}
