namespace OrleansMl.Learning;

/// <summary>
/// First centres by k-means++: each is drawn with a probability that grows with the squared distance to those before it. Of a few
/// draws the one that lowers the sum most is taken, as scikit-learn does.
/// </summary>
internal static class KMeansStart
{
    /// <exception cref="ArgumentException">There are fewer distinct points than clusters.</exception>
    public static double[] Draw(double[] points, int columns, int k, SeededDraw draw)
    {
        var count = columns == 0 ? 0 : points.Length / columns;
        if (count == 0)
            throw new ArgumentException("There are no points to cluster.", nameof(points));
        var tries = 2 + (int)Math.Log(k);
        var centres = new double[k * columns];
        var distances = new double[count];
        Array.Fill(distances, double.PositiveInfinity);
        var (candidate, best) = (new double[count], new double[count]);
        Take((int)(draw.Uniform() * count), 0);
        for (var c = 1; c < k; c++)
        {
            var total = distances.Sum();
            if (!(total > 0))
                throw new ArgumentException($"k is {k}, and only {c} of the {count} points are distinct; take at most {c} clusters.", nameof(k));
            var (bestTotal, bestPoint) = (double.PositiveInfinity, 0);
            for (var attempt = 0; attempt < tries; attempt++)
            {
                var point = Pick(distances, draw.Uniform() * total);
                var sum = Nearest(point, candidate);
                if (sum < bestTotal)
                {
                    (bestTotal, bestPoint) = (sum, point);
                    (candidate, best) = (best, candidate);
                }
            }

            best.CopyTo(distances, 0);
            Copy(bestPoint, c);
        }

        return centres;

        void Take(int point, int c)
        {
            Nearest(point, distances);
            Copy(point, c);
        }

        void Copy(int point, int c) => points.AsSpan(point * columns, columns).CopyTo(centres.AsSpan(c * columns));

        // Squared distances to the nearest centre, were the point one; and their sum.
        double Nearest(int point, double[] into)
        {
            double sum = 0;
            var centre = points.AsSpan(point * columns, columns);
            for (var i = 0; i < count; i++)
                sum += into[i] = Math.Min(distances[i], KMeans.SquaredDistance(points.AsSpan(i * columns, columns), centre));
            return sum;
        }
    }

    private static int Pick(double[] weights, double at)
    {
        var last = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] == 0)
                continue;
            last = i;
            at -= weights[i];
            if (at < 0)
                break;
        }

        return last;
    }
}
