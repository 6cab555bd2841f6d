using System.Diagnostics;
using System.Globalization;
using OrleansMl.Learning;

namespace OrleansMl.Benchmarks;

/// <summary>Learners on a stream of 30 hashed features a row, one thread: updates and predictions per second, medians of passes.</summary>
internal static class LearnerBenchmark
{
    private const int Rows = 20_000;
    private const int Features = 30;
    private const int Bits = 18;
    private const int WarmPasses = 15;

    public static int Run(string[] args)
    {
        var passes = args is ["--passes", var given, ..] ? int.Parse(given, CultureInfo.InvariantCulture) : 15;
        var (indices, values, labels) = Stream();
        var results = new List<BenchResult>();
        foreach (var type in new[] { "logistic_regression", "sgd", "adagrad", "adam", "ftrl", "passive_aggressive", "softmax", "naive_bayes", "factorization_machine" })
        {
            var learner = LearnerFactory.Create(type, null, new LearnerShape(0, Bits, Features, 2), 1);

            // Until the compiler is through with its tiers.
            for (var pass = 0; pass < WarmPasses; pass++)
            {
                Learn(learner, indices, values, labels);
                Predict(learner, indices, values);
            }

            var (learn, predict) = (new double[passes], new double[passes]);
            for (var pass = 0; pass < passes; pass++)
            {
                var start = Stopwatch.GetTimestamp();
                Learn(learner, indices, values, labels);
                learn[pass] = Rows / Stopwatch.GetElapsedTime(start).TotalSeconds;
                start = Stopwatch.GetTimestamp();
                Predict(learner, indices, values);
                predict[pass] = Rows / Stopwatch.GetElapsedTime(start).TotalSeconds;
            }

            results.Add(new BenchResult(type + " learn", Median(learn), "1/s", null, null, Silo.EngineInfo.Name));
            results.Add(new BenchResult(type + " predict", Median(predict), "1/s", null, null, Silo.EngineInfo.Name));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{type,-24} {Median(learn) / 1e6,6:F2} M updates/s (best {learn.Max() / 1e6:F2}) {Median(predict) / 1e6,7:F2} M predictions/s (best {predict.Max() / 1e6:F2})"));
        }

        Console.WriteLine(BenchResults.Write("learners", results));
        return 0;
    }

    private static void Learn(ILearner learner, int[] indices, double[] values, double[] labels)
    {
        for (var row = 0; row < Rows; row++)
            learner.LearnOne(Row(indices, values, row), labels[row]);
    }

    private static double Predict(ILearner learner, int[] indices, double[] values)
    {
        double sum = 0;
        for (var row = 0; row < Rows; row++)
            sum += learner.PredictOne(Row(indices, values, row));
        return sum;
    }

    private static FeatureSpan Row(int[] indices, double[] values, int row)
        => new([], indices.AsSpan(row * Features, Features), values.AsSpan(row * Features, Features));

    /// <summary>A column's categories are drawn with a bias to the frequent ones, as ids are in clicks.</summary>
    private static (int[] Indices, double[] Values, double[] Labels) Stream()
    {
        var random = new Random(1);
        var indices = new int[Rows * Features];
        var values = new double[Rows * Features];
        var labels = new double[Rows];
        for (var row = 0; row < Rows; row++)
        {
            var score = 0;
            for (var feature = 0; feature < Features; feature++)
            {
                var category = (uint)(Math.Pow(random.NextDouble(), 3) * (10 << (feature % 12)));
                var place = (int)((((category * 31) + (uint)feature) * 2654435761) >> (32 - Bits));
                (indices[(row * Features) + feature], values[(row * Features) + feature]) = (place, 1);
                score += (place % 7) - 3;
            }

            labels[row] = score + random.Next(-10, 10) > 0 ? 1 : 0;
        }

        return (indices, values, labels);
    }

    private static double Median(double[] values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
