namespace OrleansMl.Learning;

/// <summary>A learner whose prediction is linear in the features, and can therefore be exported.</summary>
public interface ILinearLearner : ILearner
{
    /// <summary>The weights as they are now.</summary>
    LinearModel Snapshot();
}
