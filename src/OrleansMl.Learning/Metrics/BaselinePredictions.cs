namespace OrleansMl.Learning;

/// <summary>What the baselines said at one moment: kept with a prediction whose outcome comes later.</summary>
/// <param name="NoChange">The last label known then.</param>
/// <param name="Prior">The mean of the labels known then.</param>
/// <param name="Majority">The label most often known then.</param>
public readonly record struct BaselinePredictions(double NoChange, double Prior, double Majority)
{
    /// <summary>Of more than two classes: what the shares of the classes known then were worth; a mean of their numbers says nothing.</summary>
    public ClassAnswer ClassPrior { get; init; }
}
