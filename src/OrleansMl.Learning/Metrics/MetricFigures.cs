namespace OrleansMl.Learning;

/// <summary>
/// Metrics of rows with their 95 % intervals: Wilson's for rates, DeLong's for the area under the ROC curve, the bootstrap's
/// percentile interval for the rest.
/// </summary>
public static class MetricFigures
{
    /// <param name="kind">Of a metric of rows.</param>
    /// <param name="scores">Probabilities of the positive class, or numbers.</param>
    /// <param name="labels">0 and 1, or numbers; as many, at least one.</param>
    /// <param name="threshold">A score of at least this is the positive class.</param>
    /// <param name="seed">Of the bootstrap.</param>
    /// <returns>NaN without an interval where the rows do not define it.</returns>
    public static (double Value, ConfidenceInterval? Interval) Compute(string kind, double[] scores, double[] labels, double threshold, long seed)
    {
        switch (kind)
        {
            case "accuracy" or "precision" or "recall":
                var matrix = ConfusionMatrix.Binary(scores, labels, threshold);
                var (hits, of) = kind switch
                {
                    "accuracy" => (matrix[0, 0] + matrix[1, 1], matrix.Count),
                    "precision" => (matrix[1, 1], matrix[1, 1] + matrix[0, 1]),
                    _ => (matrix[1, 1], matrix[1, 1] + matrix[1, 0]),
                };
                return of == 0 ? (double.NaN, null) : ((double)hits / of, Wilson.Interval(hits, of));
            case "roc_auc":
                var positives = labels.Count(label => label == 1);
                return (RocAuc.Compute(scores, labels), Math.Min(positives, labels.Length - positives) < 2 ? null : DeLong.Interval(scores, labels));
            default:
                var value = ValueOf(kind, scores, labels, threshold);
                return (value, double.IsFinite(value) ? Bootstrapped(kind, scores, labels, threshold, seed) : null);
        }
    }

    /// <summary>The mean of values, as of ranked answers, with its bootstrap interval.</summary>
    public static (double Value, ConfidenceInterval? Interval) Mean(double[] values, long seed)
    {
        if (values.Length == 0)
            return (double.NaN, null);
        return (values.Average(), values.Length < 2 ? null : Bootstrap.Interval(values.Length, rows =>
        {
            double sum = 0;
            foreach (var row in rows.Span)
                sum += values[row];
            return sum / rows.Length;
        }, seed, Replicates(values.Length)));
    }

    private static ConfidenceInterval? Bootstrapped(string kind, double[] scores, double[] labels, double threshold, long seed)
    {
        if (labels.Length < 2)
            return null;
        var (drawnScores, drawnLabels) = (new double[scores.Length], new double[labels.Length]);
        try
        {
            return Bootstrap.Interval(labels.Length, rows =>
            {
                var indices = rows.Span;
                for (var i = 0; i < indices.Length; i++)
                    (drawnScores[i], drawnLabels[i]) = (scores[indices[i]], labels[indices[i]]);
                return ValueOf(kind, drawnScores, drawnLabels, threshold);
            }, seed, Replicates(labels.Length));
        }
        catch (ArgumentException)
        {
            // Most resamples lack what defines the figure: the rows are too few to say how sure it is.
            return null;
        }
    }

    private static double ValueOf(string kind, double[] scores, double[] labels, double threshold) => kind switch
    {
        "f1" => labels.Contains(1) ? ConfusionMatrix.Binary(scores, labels, threshold).F1(1) : double.NaN,
        "pr_auc" => AveragePrecision.Compute(scores, labels),
        "log_loss" => MeanOf(scores, labels, Losses.LogLoss),
        "brier" => MeanOf(scores, labels, Losses.SquaredError),
        "ece" => ExpectedCalibrationError.Of(ExpectedCalibrationError.EqualWidth(scores, labels)),
        "mae" => MeanOf(scores, labels, Losses.AbsoluteError),
        "rmse" => Math.Sqrt(MeanOf(scores, labels, Losses.SquaredError)),
        "r2" => RegressionScores.Of(scores, labels).RSquared,
        _ => throw new ArgumentException($"There is no metric '{kind}'.", nameof(kind)),
    };

    private static double MeanOf(double[] scores, double[] labels, Func<double, double, double> loss)
    {
        double sum = 0;
        for (var i = 0; i < labels.Length; i++)
            sum += loss(scores[i], labels[i]);
        return sum / labels.Length;
    }

    /// <summary>Many rows vary less from draw to draw, and cost more.</summary>
    internal static int Replicates(int rows) => rows <= 1000 ? Bootstrap.DefaultReplicates : rows <= 10_000 ? 400 : 200;
}
