namespace OrleansMl.Learning;

/// <summary>Figures of predicted values, in the label's unit unless said otherwise.</summary>
/// <param name="MeanAbsoluteError">Mean |p − y|.</param>
/// <param name="RootMeanSquaredError">√ mean (p − y)².</param>
/// <param name="RSquared">1 − Σ(p − y)²/Σ(y − ȳ)², no unit, ≤ 1; 0 is as good as the mean. For constant labels 1 when all are right, else 0.</param>
/// <param name="MeanAbsolutePercentageError">Mean |p − y|/max(|y|, 2^−52), no unit; useless where labels touch 0.</param>
/// <param name="MedianAbsoluteError">Median |p − y|.</param>
/// <param name="MaxError">Largest |p − y|.</param>
public sealed record RegressionScores(double MeanAbsoluteError, double RootMeanSquaredError, double RSquared, double MeanAbsolutePercentageError, double MedianAbsoluteError, double MaxError)
{
    private const double SmallestLabel = 2.220446049250313e-16;

    /// <exception cref="ArgumentException">Lengths differ, no row, or not finite.</exception>
    public static RegressionScores Of(ReadOnlySpan<double> predictions, ReadOnlySpan<double> labels)
    {
        Inputs.Require(predictions, labels);
        var errors = new double[labels.Length];
        double labelSum = 0, squares = 0, absolutes = 0, shares = 0;
        for (var i = 0; i < errors.Length; i++)
        {
            errors[i] = Math.Abs(predictions[i] - labels[i]);
            labelSum += labels[i];
            squares += errors[i] * errors[i];
            absolutes += errors[i];
            shares += errors[i] / Math.Max(Math.Abs(labels[i]), SmallestLabel);
        }

        var (n, spread) = (errors.Length, 0.0);
        foreach (var label in labels)
            spread += (label - (labelSum / n)) * (label - (labelSum / n));
        Array.Sort(errors);
        var rSquared = spread > 0 ? 1 - (squares / spread) : squares == 0 ? 1 : 0;
        return new RegressionScores(absolutes / n, Math.Sqrt(squares / n), rSquared, shares / n, (errors[(n - 1) / 2] + errors[n / 2]) / 2, errors[^1]);
    }
}
