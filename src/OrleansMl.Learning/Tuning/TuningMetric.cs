using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>What a search of parameters makes best.</summary>
public sealed class TuningMetric
{
    private static readonly ImmutableArray<TuningMetric> s_all =
    [
        OfClasses("log_loss", false, (answers, labels, classes) => classes == 2 ? Mean(Positive(answers), Numbers(labels), Losses.LogLoss) : MulticlassScores.LogLoss(answers, labels, classes)),
        OfClasses("accuracy", true, (answers, labels, classes) => MulticlassScores.TopAccuracy(answers, labels, classes, 1)),
        OfClasses("brier", false, (answers, labels, classes) => classes == 2 ? Mean(Positive(answers), Numbers(labels), Losses.SquaredError) : MulticlassScores.Brier(answers, labels, classes)),
        OfClasses("roc_auc", true, (answers, labels, classes) => classes == 2 ? RocAuc.Compute(Positive(answers), Numbers(labels)) : MulticlassScores.AucOneVsRest(answers, labels, classes)),
        new("pr_auc", true, classes => classes == 2, (answers, targets, _) => AveragePrecision.Compute(Positive(answers), targets)),
        OfValue("rmse", false, (answers, targets) => RegressionScores.Of(answers, targets).RootMeanSquaredError),
        OfValue("mae", false, (answers, targets) => RegressionScores.Of(answers, targets).MeanAbsoluteError),
        OfValue("r2", true, (answers, targets) => RegressionScores.Of(answers, targets).RSquared),
    ];

    private readonly Func<int, bool> _fits;
    private readonly Func<double[], double[], int, double> _compute;

    private TuningMetric(string name, bool isHigherBetter, Func<int, bool> fits, Func<double[], double[], int, double> compute)
        => (Name, IsHigherBetter, _fits, _compute) = (name, isHigherBetter, fits, compute);

    public string Name { get; }

    /// <summary>Of two values the greater is better; else the less.</summary>
    public bool IsHigherBetter { get; }

    /// <summary>Those that measure such a target; the first is the usual one.</summary>
    /// <param name="classes">0: a value; else the number of classes.</param>
    public static ImmutableArray<TuningMetric> Fitting(int classes) => [.. s_all.Where(metric => metric._fits(classes))];

    /// <exception cref="LearnerException">There is none of this name, or it does not measure such a target.</exception>
    public static TuningMetric Find(string name, int classes) => Fitting(classes).FirstOrDefault(metric => metric.Name == name)
        ?? throw new LearnerException($"There is no metric '{name}' for {(classes == 0 ? "a value" : $"{classes} classes")} (available: {string.Join(", ", Fitting(classes).Select(metric => metric.Name))}).");

    /// <summary>The metric of some rows; NaN where they do not define it.</summary>
    /// <param name="answers">[N] values, or [N, C] probabilities.</param>
    /// <param name="targets">[N]: the value, or the class.</param>
    /// <param name="classes">0: a value; else C.</param>
    /// <exception cref="ArgumentException">Lengths differ, no row, or an answer that is not finite.</exception>
    public double Compute(double[] answers, double[] targets, int classes) => _compute(answers, targets, classes);

    /// <summary>Best first; NaN last.</summary>
    public int Compare(double one, double other)
    {
        if (double.IsNaN(one) || double.IsNaN(other))
            return double.IsNaN(one).CompareTo(double.IsNaN(other));
        return IsHigherBetter ? other.CompareTo(one) : one.CompareTo(other);
    }

    private static TuningMetric OfClasses(string name, bool isHigherBetter, Func<double[], int[], int, double> compute)
        => new(name, isHigherBetter, classes => classes >= 2, (answers, targets, classes) => compute(answers, Array.ConvertAll(targets, target => (int)target), classes));

    private static TuningMetric OfValue(string name, bool isHigherBetter, Func<double[], double[], double> compute)
        => new(name, isHigherBetter, classes => classes == 0, (answers, targets, _) => compute(answers, targets));

    private static double[] Positive(double[] answers)
    {
        var positive = new double[answers.Length / 2];
        for (var row = 0; row < positive.Length; row++)
            positive[row] = answers[(row * 2) + 1];
        return positive;
    }

    private static double[] Numbers(int[] labels) => Array.ConvertAll(labels, label => (double)label);

    private static double Mean(double[] scores, double[] labels, Func<double, double, double> loss)
    {
        Inputs.RequireProbabilities(scores, labels);
        double sum = 0;
        for (var row = 0; row < labels.Length; row++)
            sum += loss(scores[row], labels[row]);
        return sum / labels.Length;
    }
}
