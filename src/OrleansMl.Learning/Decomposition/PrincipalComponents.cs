using System.Collections.Immutable;
using MathNet.Numerics.LinearAlgebra;

namespace OrleansMl.Learning;

/// <summary>
/// Principal components (Pearson, 1901; Hotelling, 1933): the eigenvectors of the covariance, by descending variance, without
/// scaling. An eigenvector has two signs; here its largest loading is positive, so that equal points give equal components.
/// </summary>
/// <param name="Means">[M].</param>
/// <param name="Loadings">[Q, M], row-major; of length 1, or all 0 for a component without variance.</param>
/// <param name="Variances">[Q]: of the points along each component, with N − 1, as scikit-learn.</param>
/// <param name="TotalVariance">The sum over all columns.</param>
public sealed record PrincipalComponents(ImmutableArray<double> Means, ImmutableArray<double> Loadings, ImmutableArray<double> Variances, double TotalVariance)
{
    /// <summary>A variance under this share, of max(1, mean²) for a column and of the largest for a component, is rounding: it counts as 0.</summary>
    private const double Rounding = 1e-12;

    /// <summary>Q.</summary>
    public int Count => Variances.Length;

    /// <summary>Finds the components.</summary>
    /// <param name="points">[N, M], row-major, finite; N ≥ 2.</param>
    /// <param name="columns">M.</param>
    /// <param name="components">Q ≤ M; null: by <paramref name="variance"/>.</param>
    /// <param name="variance">The fewest components that explain a larger share than this, in (0, 1).</param>
    /// <exception cref="ArgumentException">There are fewer than two points.</exception>
    public static PrincipalComponents Fit(double[] points, int columns, int? components, double variance = 1)
    {
        var count = points.Length / columns;
        if (count < 2)
            throw new ArgumentException($"Principal components take at least two points, not {count}.", nameof(points));
        var means = new double[columns];
        for (var j = 0; j < columns; j++)
        {
            double sum = 0;
            for (var i = j; i < points.Length; i += columns)
                sum += points[i];
            means[j] = sum / count;
        }

        var covariance = Covariance(points, columns, means);
        var eigen = covariance.Evd(Symmetricity.Symmetric);
        var values = eigen.EigenValues.Select(value => value.Real).ToArray();
        var order = Enumerable.Range(0, columns).OrderByDescending(i => values[i]).ThenBy(i => i).ToArray();
        var total = covariance.Diagonal().Sum();
        var kept = components ?? Enough(order, values, total * variance);
        var loadings = new double[kept * columns];
        var variances = new double[kept];
        for (var q = 0; q < kept; q++)
        {
            if (values[order[q]] <= Rounding * values[order[0]])
                continue;
            variances[q] = values[order[q]];
            Signed(eigen.EigenVectors.Column(order[q])).CopyTo(loadings, q * columns);
        }

        return new PrincipalComponents([.. means], [.. loadings], [.. variances], total);
    }

    private static Matrix<double> Covariance(double[] points, int columns, double[] means)
    {
        var sums = new double[columns * columns];
        var centered = new double[columns];
        for (var i = 0; i < points.Length; i += columns)
        {
            for (var j = 0; j < columns; j++)
                centered[j] = points[i + j] - means[j];
            for (var a = 0; a < columns; a++)
            {
                for (var b = 0; b <= a; b++)
                    sums[(a * columns) + b] += centered[a] * centered[b];
            }
        }

        var divisor = (points.Length / columns) - 1.0;
        var constant = Enumerable.Range(0, columns).Select(j => sums[(j * columns) + j] / divisor <= Rounding * Math.Max(1, means[j] * means[j])).ToArray();
        return Matrix<double>.Build.Dense(columns, columns, (a, b) => constant[a] || constant[b] ? 0 : sums[(Math.Max(a, b) * columns) + Math.Min(a, b)] / divisor);
    }

    private static int Enough(int[] order, double[] values, double threshold)
    {
        double sum = 0;
        for (var q = 0; q < order.Length; q++)
        {
            sum += values[order[q]];
            if (sum > threshold)
                return q + 1;
        }

        return order.Length;
    }

    private static double[] Signed(Vector<double> vector)
    {
        var largest = vector.AbsoluteMaximumIndex();
        return [.. vector.Select(loading => vector[largest] < 0 ? -loading : loading)];
    }
}
