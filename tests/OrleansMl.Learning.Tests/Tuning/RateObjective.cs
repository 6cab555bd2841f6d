namespace OrleansMl.Learning.Tests.Tuning;

/// <summary>Scores that follow from the parameters: the nearer learningRate is to 0.3 the better, on each fold a little else, and worse with less of the resource.</summary>
internal sealed class RateObjective : ITuningObjective
{
    public int Folds { get; init; } = 2;

    public TuningMetric Metric { get; init; } = TuningMetric.Find("log_loss", 2);

    public double LeastShare { get; init; } = 1e-6;

    /// <summary>Such sets cannot be learned.</summary>
    public Func<double, bool> Fails { get; init; } = _ => false;

    public Func<double, double>? ScoreOf { get; init; }

    /// <summary>Before each fold.</summary>
    public Action OnFold { get; init; } = () => { };

    public List<(double Rate, int Fold, double Share)> Asked { get; } = [];

    public double Score(IReadOnlyDictionary<string, object> parameters, int fold, double share, CancellationToken cancellationToken)
    {
        var rate = (double)parameters["learningRate"];
        OnFold();
        cancellationToken.ThrowIfCancellationRequested();
        Asked.Add((rate, fold, share));
        if (Fails(rate))
            throw new LearnerException($"rate {rate} fails");
        return ScoreOf?.Invoke(rate) ?? (Math.Abs(Math.Log(rate / 0.3)) + (0.1 * fold) + (1 - share));
    }
}
