using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>
/// How much each column that leaves the pipeline does in a model. Of boosted trees the share of the gain of all splits (Friedman 2001,
/// Breiman et al. 1984); of linear models the absolute standardized weight: how far the column moves the linear score as it moves by one
/// standard deviation. A hashed column has as many weights as values, and counts by the standard deviation of what it adds to the score.
/// </summary>
public static class ColumnImportances
{
    /// <summary>Shares of the gain, from 0, with the sum 1 unless no tree has a split.</summary>
    public const string Gain = "gain";

    /// <summary>Absolute standardized weights, from 0, in the units of the linear score. Of several classes the root mean square of their distances from the mean of the classes.</summary>
    public const string StandardizedWeight = "standardized_weight";

    /// <summary>The columns with what each does, the largest first, equal ones by name; null: the model is of a kind that tells nothing of the sort.</summary>
    /// <param name="model">What was trained.</param>
    /// <param name="pipeline">Names the columns.</param>
    /// <param name="train">The rows that it was trained on, transformed; their weights count.</param>
    /// <param name="measure">What the numbers are.</param>
    public static ImmutableArray<ColumnImportance>? Of(LearnerModel model, FittedPipeline pipeline, TrainingRows train, out string measure)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(train);
        measure = model is BoostedTreesModel ? Gain : StandardizedWeight;
        var numbers = model switch
        {
            BoostedTreesModel trees => Gains(trees),
            LinearModel linear => Spreads(train, 1, (column, weights) => weights[0] = linear.Dense[column], (place, weights) => weights[0] = linear.WeightAt(place)),
            SoftmaxModel softmax => Spreads(
                train,
                softmax.Classes,
                (column, weights) => Center(softmax.Dense.AsSpan(column * softmax.Classes, softmax.Classes), weights),
                (place, weights) => Center(softmax.Hashed.Find(place), weights)),
            _ => null,
        };
        if (numbers is null)
            return null;
        IEnumerable<string> names = pipeline.DenseNames.Concat(pipeline.HashedNames);
        return [.. names.Zip(numbers, (name, number) => new ColumnImportance(name, number)).OrderByDescending(one => one.Importance).ThenBy(one => one.Column, StringComparer.Ordinal)];
    }

    private static double[] Gains(BoostedTreesModel trees)
    {
        var total = trees.Importances.Sum(one => one.Gain);
        return [.. trees.Importances.Select(one => total > 0 ? one.Gain / total : 0)];
    }

    /// <summary>[D + K]: over the rows, the standard deviation of what each column adds to the score; of several classes the root mean square.</summary>
    private static double[] Spreads(TrainingRows train, int classes, WeightsOf ofColumn, WeightsOf ofPlace)
    {
        var (dense, hashed) = (train.DenseCount, train.HashedCount);
        var spreads = new double[dense + hashed];
        var weights = new double[classes];
        var deviations = new Deviation[dense + (hashed * classes)];
        for (var row = 0; row < train.Count; row++)
        {
            var x = train[row];
            var weight = train.WeightOf(row);
            for (var j = 0; j < dense; j++)
                deviations[j].Add(x.Dense[j], weight);
            for (var k = 0; k < hashed; k++)
            {
                ofPlace(x.HashedIndices[k], weights);
                for (var c = 0; c < classes; c++)
                    deviations[dense + (k * classes) + c].Add(weights[c] * x.HashedValues[k], weight);
            }
        }

        for (var j = 0; j < dense; j++)
        {
            ofColumn(j, weights);
            spreads[j] = Math.Sqrt(weights.Sum(weight => weight * weight) / classes * deviations[j].Variance);
        }

        for (var k = 0; k < hashed; k++)
            spreads[dense + k] = Math.Sqrt(deviations.AsSpan(dense + (k * classes), classes).ToArray().Sum(one => one.Variance) / classes);
        return spreads;
    }

    /// <summary>The same number added to all classes changes no answer.</summary>
    private static void Center(ReadOnlySpan<double> row, Span<double> weights)
    {
        weights.Clear();
        double mean = 0;
        foreach (var weight in row)
            mean += weight / row.Length;
        for (var c = 0; c < row.Length; c++)
            weights[c] = row[c] - mean;
    }

    private delegate void WeightsOf(int place, Span<double> weights);

    /// <summary>A weighted variance in one pass (West 1979).</summary>
    private struct Deviation
    {
        private double _weight, _mean, _squares;

        public readonly double Variance => _weight > 0 ? _squares / _weight : 0;

        public void Add(double value, double weight)
        {
            _weight += weight;
            var distance = value - _mean;
            _mean += weight / _weight * distance;
            _squares += weight * distance * (value - _mean);
        }
    }
}
