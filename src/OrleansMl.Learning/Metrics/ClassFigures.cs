namespace OrleansMl.Learning;

/// <summary>
/// Metrics of rows of more than two classes with their 95 % intervals: Wilson's for the rate, the bootstrap's percentile interval for
/// the rest.
/// </summary>
public static class ClassFigures
{
    /// <summary>Metrics that there are.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["accuracy", "macro_f1", "log_loss", "brier"];

    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="answers">At least one.</param>
    /// <param name="labels">The true classes, as many.</param>
    /// <param name="classes">C.</param>
    /// <param name="seed">Of the bootstrap.</param>
    /// <exception cref="ArgumentException">There is no such metric.</exception>
    public static (double Value, ConfidenceInterval? Interval) Compute(string kind, ClassAnswer[] answers, double[] labels, int classes, long seed)
    {
        switch (kind)
        {
            case "accuracy":
                long right = 0;
                for (var i = 0; i < answers.Length; i++)
                    right += answers[i].Class == labels[i] ? 1 : 0;
                return ((double)right / answers.Length, Wilson.Interval(right, answers.Length));
            case "log_loss":
                return MetricFigures.Mean(Array.ConvertAll(answers, answer => answer.LogLoss), seed);
            case "brier":
                return MetricFigures.Mean(Array.ConvertAll(answers, answer => answer.SquaredError), seed);
            case "macro_f1":
                var all = new int[labels.Length];
                for (var i = 0; i < all.Length; i++)
                    all[i] = i;
                var counts = new long[3 * classes];
                return (MacroF1(answers, labels, all, counts), labels.Length < 2 ? null : Bootstrap.Interval(labels.Length, rows => MacroF1(answers, labels, rows.Span, counts), seed, MetricFigures.Replicates(labels.Length)));
            default:
                throw new ArgumentException($"There is no metric '{kind}' of several classes (available: {string.Join(", ", Kinds)}).", nameof(kind));
        }
    }

    /// <summary>The mean of F1 over the classes that occur, as truth or as answer; as <see cref="ConfusionMatrix.F1(ClassAverage)"/>, without its square of counts.</summary>
    private static double MacroF1(ClassAnswer[] answers, double[] labels, ReadOnlySpan<int> rows, long[] counts)
    {
        var classes = counts.Length / 3;
        var actual = counts.AsSpan(0, classes);
        var said = counts.AsSpan(classes, classes);
        var both = counts.AsSpan(2 * classes, classes);
        counts.AsSpan().Clear();
        foreach (var row in rows)
        {
            var truth = (int)labels[row];
            actual[truth]++;
            said[answers[row].Class]++;
            both[truth] += truth == answers[row].Class ? 1 : 0;
        }

        var (sum, occurring) = (0.0, 0);
        for (var one = 0; one < classes; one++)
        {
            if (actual[one] + said[one] == 0)
                continue;
            sum += 2.0 * both[one] / (actual[one] + said[one]);
            occurring++;
        }

        return sum / occurring;
    }
}
