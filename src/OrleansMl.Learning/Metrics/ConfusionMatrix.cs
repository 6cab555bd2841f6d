namespace OrleansMl.Learning;

/// <summary>
/// Counts of (actual, predicted) over K classes, and the rates that follow from them. A rate whose denominator is 0 is 0,
/// as in scikit-learn; classes that occur neither as actual nor as predicted count in no average.
/// </summary>
public sealed class ConfusionMatrix
{
    private readonly long[] _counts;

    /// <param name="classes">K ≥ 2.</param>
    public ConfusionMatrix(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        (Classes, _counts) = (classes, new long[classes * classes]);
    }

    /// <summary>K.</summary>
    public int Classes { get; }

    /// <summary>Rows counted.</summary>
    public long Count { get; private set; }

    /// <summary>Rows of class <paramref name="actual"/> that were called <paramref name="predicted"/>.</summary>
    public long this[int actual, int predicted] => _counts[Place(actual, predicted)];

    /// <summary>Share of right rows; NaN before the first.</summary>
    public double Accuracy => (double)Diagonal() / Count;

    /// <summary>Mean recall over the classes that truly occur; NaN before the first row.</summary>
    public double BalancedAccuracy => Enumerable.Range(0, Classes).Where(one => Actual(one) > 0).Select(Recall).DefaultIfEmpty(double.NaN).Average();

    /// <summary>Cohen's κ: agreement beyond chance; 0 where chance alone explains all.</summary>
    public double CohensKappa
    {
        get
        {
            double chance = 0;
            for (var one = 0; one < Classes; one++)
                chance += (double)Actual(one) / Count * ((double)Predicted(one) / Count);
            return chance >= 1 ? 0 : (Accuracy - chance) / (1 - chance);
        }
    }

    /// <summary>Matthews' correlation, for K classes after Gorodkin (2004), in [−1, 1]; 0 where one side is constant.</summary>
    public double MatthewsCorrelation
    {
        get
        {
            double n = Count, both = 0, actuals = 0, predicteds = 0;
            for (var one = 0; one < Classes; one++)
            {
                both += (double)Actual(one) * Predicted(one);
                actuals += (double)Actual(one) * Actual(one);
                predicteds += (double)Predicted(one) * Predicted(one);
            }

            var scale = Math.Sqrt((n * n) - actuals) * Math.Sqrt((n * n) - predicteds);
            return scale > 0 ? ((Diagonal() * n) - both) / scale : 0;
        }
    }

    /// <exception cref="ArgumentOutOfRangeException">Not a class in [0, K).</exception>
    public void Add(int actual, int predicted)
    {
        _counts[Place(actual, predicted)]++;
        Count++;
    }

    /// <summary>Of probabilities of class 1 at a threshold: p ≥ threshold is class 1.</summary>
    public static ConfusionMatrix Binary(ReadOnlySpan<double> probabilities, ReadOnlySpan<double> labels, double threshold = 0.5)
    {
        Inputs.Require(probabilities, labels);
        Inputs.RequireBinary(labels);
        var matrix = new ConfusionMatrix(2);
        for (var i = 0; i < labels.Length; i++)
            matrix.Add((int)labels[i], probabilities[i] >= threshold ? 1 : 0);
        return matrix;
    }

    /// <summary>Share of the rows called <paramref name="one"/> that are it.</summary>
    public double Precision(int one) => Rate(this[one, one], Predicted(one));

    /// <summary>Share of the rows that are <paramref name="one"/> that were called so.</summary>
    public double Recall(int one) => Rate(this[one, one], Actual(one));

    /// <summary>Harmonic mean of precision and recall.</summary>
    public double F1(int one) => Rate(2 * this[one, one], Actual(one) + Predicted(one));

    /// <summary>Over the classes; NaN before the first row.</summary>
    public double Precision(ClassAverage average) => Average(Precision, average);

    /// <inheritdoc cref="Precision(ClassAverage)"/>
    public double Recall(ClassAverage average) => Average(Recall, average);

    /// <inheritdoc cref="Precision(ClassAverage)"/>
    public double F1(ClassAverage average) => Average(F1, average);

    private static double Rate(long part, long whole) => whole == 0 ? 0 : (double)part / whole;

    private double Average(Func<int, double> figure, ClassAverage average)
    {
        double sum = 0, weight = 0;
        for (var one = 0; one < Classes; one++)
        {
            var share = average == ClassAverage.Weighted ? Actual(one) : Actual(one) + Predicted(one) > 0 ? 1 : 0;
            sum += share * figure(one);
            weight += share;
        }

        return sum / weight;
    }

    private long Actual(int one)
    {
        long sum = 0;
        for (var predicted = 0; predicted < Classes; predicted++)
            sum += this[one, predicted];
        return sum;
    }

    private long Predicted(int one)
    {
        long sum = 0;
        for (var actual = 0; actual < Classes; actual++)
            sum += this[actual, one];
        return sum;
    }

    private long Diagonal()
    {
        long sum = 0;
        for (var one = 0; one < Classes; one++)
            sum += this[one, one];
        return sum;
    }

    private int Place(int actual, int predicted)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(actual);
        ArgumentOutOfRangeException.ThrowIfNegative(predicted);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(actual, Classes);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(predicted, Classes);
        return (actual * Classes) + predicted;
    }
}
