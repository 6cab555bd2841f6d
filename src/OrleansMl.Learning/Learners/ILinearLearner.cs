namespace OrleansMl.Learning;

/// <summary>A learner whose prediction is linear in the features.</summary>
public interface ILinearLearner : ILearner
{
    /// <summary>The weights as they are now.</summary>
    new LinearModel Snapshot();

    LearnerModel ILearner.Snapshot() => Snapshot();
}
