namespace OrleansMl.Learning.Tests.Training;

/// <summary>Rows drawn for boosted trees, and fits of them.</summary>
internal static class TreeRows
{
    /// <summary>Two numbers, one of them often missing, and a category of 6; the target hangs on all three and on what is missing.</summary>
    public static TrainingRows Mixed(int count, int classes, int seed = 1, bool isWeighted = false)
    {
        var random = new Random(seed);
        var (dense, targets, weights) = (new double[count * 3], new double[count], new double[count]);
        for (var row = 0; row < count; row++)
        {
            var (x, y, code) = (random.Next(-50, 50) / 10.0, random.Next(-50, 50) / 10.0, random.Next(6));
            var isMissing = random.Next(4) == 0;
            (dense[row * 3], dense[(row * 3) + 1], dense[(row * 3) + 2]) = (x, isMissing ? double.NaN : y, code);
            var score = Math.Sin(x) + (isMissing ? 1.5 : 0.3 * y) + (code is 1 or 4 ? 1 : -1) + ((random.NextDouble() - 0.5) / 2);
            targets[row] = classes switch
            {
                0 => score,
                2 => score > 0 ? 1 : 0,
                _ => Math.Clamp(Math.Floor(score + (classes / 2)), 0, classes - 1),
            };
            weights[row] = random.Next(1, 4);
        }

        return new TrainingRows(count, dense, [], [], targets, isWeighted ? weights : null);
    }

    public static TrainingRows Of(double[] dense, double[] targets, double[]? weights = null) => new(targets.Length, dense, [], [], targets, weights);

    public static BoostedTreesModel Fit(this TrainingRows rows, int classes, Dictionary<string, object>? parameters = null, int[]? categories = null, TrainingRows? validation = null, long seed = 1, int threads = 1)
        => (BoostedTreesModel)Trainer(rows.DenseCount, classes, parameters, categories, seed, threads).Fit(rows, validation, null, default);

    public static ITrainer Trainer(int features, int classes, Dictionary<string, object>? parameters = null, int[]? categories = null, long seed = 1, int threads = 1)
        => TrainerFactory.Create("gradient_boosted_trees", parameters, new TrainerShape(new LearnerShape(features, 0, 0, classes), [.. categories ?? []]), seed, threads);

    public static double[] Predict(this BoostedTreesModel model, params double[] x)
    {
        var output = new double[Math.Max(1, model.Classes)];
        model.Predict(x, output);
        return output;
    }

    public static double[] PredictAll(this BoostedTreesModel model, TrainingRows rows)
        => [.. Enumerable.Range(0, rows.Count).SelectMany(row => model.Predict(rows[row].Dense.ToArray()))];

    /// <summary>Rows in another order, or some of them, or some twice.</summary>
    public static TrainingRows Take(this TrainingRows rows, params IReadOnlyList<int> places) => new(
        places.Count,
        [.. places.SelectMany(row => rows[row].Dense.ToArray())],
        [],
        [],
        [.. places.Select(row => rows.Targets[row])],
        rows.Weights is null ? null : [.. places.Select(row => rows.Weights[row])]);
}
