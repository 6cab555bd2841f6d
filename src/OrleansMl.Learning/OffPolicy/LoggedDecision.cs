namespace OrleansMl.Learning;

/// <summary>A logged decision, seen by the policy that is to be judged.</summary>
/// <param name="Reward">What came, finite.</param>
/// <param name="LoggedPropensity">The probability with which the chosen action was drawn, in (0, 1].</param>
/// <param name="TargetPropensity">The probability of the same action under the judged policy, in [0, 1].</param>
/// <param name="PredictedReward">A reward model's prediction for the chosen action; only for the doubly robust estimate.</param>
/// <param name="PredictedValue">That model's mean over the judged policy's actions, Σ π(a) q̂(a); only for the doubly robust estimate.</param>
public readonly record struct LoggedDecision(double Reward, double LoggedPropensity, double TargetPropensity, double PredictedReward = 0, double PredictedValue = 0)
{
    /// <summary>w = target/logged.</summary>
    public double Weight => TargetPropensity / LoggedPropensity;
}
