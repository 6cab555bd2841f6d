namespace OrleansMl.Learning;

/// <summary>
/// Rows as L-BFGS sees them: dense features without their mean, and all features divided by the root of the curvature that the loss
/// has along them at first. The minimum is that of the plain rows, since a mean moves the constant alone, which is not penalised;
/// it is found in tens of steps where the scales of the plain features would need thousands.
/// </summary>
internal sealed class StandardizedRows
{
    /// <summary>A column counts as constant under this share of max(1, mean²): what is left is rounding, and is no signal.</summary>
    private const double ConstantShare = 1e-12;

    /// <param name="rows">Checked.</param>
    /// <param name="weights">[N], with the sum 1.</param>
    /// <param name="tableSize">Places of the hashed table.</param>
    /// <param name="curvature">Second derivative of the loss by the score, at first.</param>
    /// <param name="penalty">Of the plain weights: penalty · w²/2.</param>
    public StandardizedRows(TrainingRows rows, double[] weights, int tableSize, double curvature, double penalty)
    {
        (Rows, Weights) = (rows, weights);
        Hashed = new HashedPlaces(rows, tableSize);
        (Means, DenseScales) = (new double[rows.DenseCount], new double[rows.DenseCount]);
        var variances = new double[rows.DenseCount];
        for (var row = 0; row < rows.Count; row++)
        {
            var x = rows[row].Dense;
            for (var j = 0; j < x.Length; j++)
                Means[j] += weights[row] * x[j];
        }

        for (var row = 0; row < rows.Count; row++)
        {
            var x = rows[row].Dense;
            for (var j = 0; j < x.Length; j++)
                variances[j] += weights[row] * (x[j] - Means[j]) * (x[j] - Means[j]);
        }

        for (var j = 0; j < variances.Length; j++)
            DenseScales[j] = variances[j] <= ConstantShare * Math.Max(1, Means[j] * Means[j]) ? 0 : 1 / Math.Sqrt((curvature * variances[j]) + penalty);
        HashedScales = new double[Hashed.Count];
        for (var p = 0; p < HashedScales.Length; p++)
        {
            double squares = 0;
            foreach (var entry in Hashed.EntriesOf(p))
                squares += weights[Hashed.RowOf(entry)] * rows.HashedValues[entry] * rows.HashedValues[entry];
            HashedScales[p] = 1 / Math.Sqrt((curvature * squares) + penalty);
        }
    }

    public TrainingRows Rows { get; }

    /// <summary>[N], with the sum 1.</summary>
    public double[] Weights { get; }

    /// <summary>The hashed features that occur.</summary>
    public HashedPlaces Hashed { get; }

    /// <summary>[D].</summary>
    public double[] Means { get; }

    /// <summary>[D]: the plain weight of a standardised one of 1; 0 for a constant column.</summary>
    public double[] DenseScales { get; }

    /// <summary>[M]: likewise.</summary>
    public double[] HashedScales { get; }

    /// <summary>Writes the dense part of a row, [D].</summary>
    public void Write(int row, Span<double> standardized)
    {
        var x = Rows[row].Dense;
        for (var j = 0; j < standardized.Length; j++)
            standardized[j] = (x[j] - Means[j]) * DenseScales[j];
    }
}
