namespace OrleansMl.Learning;

/// <summary>How good a set of parameters is.</summary>
public interface ITuningObjective
{
    /// <summary>Parts that a set is judged on; its score is their mean.</summary>
    int Folds { get; }

    /// <summary>What the scores are.</summary>
    TuningMetric Metric { get; }

    /// <summary>The least share of the resource that still tells sets apart, in (0, 1].</summary>
    double LeastShare { get; }

    /// <summary>The metric on one fold; NaN where its rows do not define it. Equal arguments give equal scores.</summary>
    /// <param name="parameters">Of the trainer.</param>
    /// <param name="fold">From 0.</param>
    /// <param name="share">Of the resource that may be used, in (0, 1].</param>
    /// <param name="cancellationToken">Stops it soon.</param>
    /// <exception cref="LearnerException">Nothing can be learned so: the trial fails, the search goes on.</exception>
    double Score(IReadOnlyDictionary<string, object> parameters, int fold, double share, CancellationToken cancellationToken);
}
