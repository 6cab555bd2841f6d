using System.Globalization;

namespace OrleansMl.Learning.Tests.Golden;

/// <summary>
/// Vowpal Wabbit's own regression test 0001 (vw -k -d 0001.dat -P …, all defaults): progressive loss, prediction and
/// feature count at every example that it prints. VW computes in single precision with an approximate reciprocal root, so
/// the sixth digit of the loss may differ by up to three (an independent model in double precision differs as much);
/// predictions agree to all printed digits.
/// </summary>
public sealed class VowpalWabbitTraceTests
{
    private const double LastDigitOfLoss = 3e-6;
    private const double LastDigitOfPrediction = 1e-4;

    [SkippableTheory]
    [InlineData("vw-tests/ref_progress-0.5.stderr", 12)]
    [InlineData("vw-tests/ref_progress-10.stderr", 20)]
    public void The_progressive_loss_follows_the_published_trace(string trace, int lines)
    {
        Follow(trace, lines, LearnerFactory.Create("linear_regression", null, 0, 18, 1), LastDigitOfLoss);
    }

    /// <summary>vw --ftrl --ftrl_alpha 0.01 --ftrl_beta 0 --l1 2: weights stay 0 until they are worth it.</summary>
    [SkippableFact]
    public void Ftrl_follows_the_published_trace()
    {
        var parameters = new Dictionary<string, object> { ["alpha"] = 0.01, ["beta"] = 0.0, ["l1"] = 2.0, ["l2"] = 0.0, ["clipToLabelRange"] = true };
        Follow("vw-tests/ref_0001_ftrl.stderr", 8, LearnerFactory.Create("ftrl", parameters, new LearnerShape(0, 18, 0, 0), 1), 1e-6);
    }

    private static void Follow(string trace, int lines, ILearner learner, double lossTolerance)
    {
        var data = SharedData.Require("vw-tests/0001.dat");
        var (published, final) = ReadTrace(SharedData.Require(trace));
        Assert.Equal(lines, published.Count);

        var evaluation = new PrequentialEvaluation(binary: false);
        var next = 0;
        foreach (var (label, indices, values) in ReadExamples(data))
        {
            var x = new FeatureSpan([], indices, values);
            var prediction = learner.PredictOne(x);
            evaluation.Add(prediction, label);
            learner.LearnOne(x, label);
            if (next < published.Count && published[next].Example == learner.Examples)
            {
                var expected = published[next++];
                Assert.InRange(evaluation.SquaredError.Cumulative - expected.Loss, -lossTolerance, lossTolerance);
                Assert.InRange(prediction - expected.Prediction, -LastDigitOfPrediction, LastDigitOfPrediction);
                Assert.Equal(expected.Label, label);
                Assert.Equal(expected.Features, indices.Length + 1);
            }
        }

        Assert.Equal(published.Count, next);
        Assert.InRange(evaluation.SquaredError.Cumulative - final, -lossTolerance, lossTolerance);
    }

    private static (List<(long Example, double Loss, double Label, double Prediction, int Features)> Lines, double Final) ReadTrace(string path)
    {
        var lines = new List<(long, double, double, double, int)>();
        var final = double.NaN;
        foreach (var line in File.ReadLines(path))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (line.StartsWith("average loss = ", StringComparison.Ordinal))
                final = Number(fields[3]);
            else if (fields.Length == 7 && long.TryParse(fields[2], out var example))
                lines.Add((example, Number(fields[0]), Number(fields[4]), Number(fields[5]), int.Parse(fields[6], CultureInfo.InvariantCulture)));
        }

        return (lines, final);
    }

    private static IEnumerable<(double Label, int[] Indices, double[] Values)> ReadExamples(string path)
    {
        foreach (var line in File.ReadLines(path).Where(line => line.Length > 0))
        {
            var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var features = parts[2..].Select(part => part.Split(':')).ToArray();
            yield return (Number(parts[0]), [.. features.Select(feature => Index(feature[0]))], [.. features.Select(feature => Number(feature[1]))]);
        }
    }

    /// <summary>One feature of the file has a name instead of a number; any place that no other takes will do.</summary>
    private static int Index(string name) => name == "const" ? (1 << 18) - 1 : int.Parse(name, CultureInfo.InvariantCulture);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
