using System.Text.Json;
using Xunit.Abstractions;

namespace OrleansMl.Learning.Tests.Golden;

/// <summary>
/// River 0.26.1 on the public streams (golden/online_learners.json): every traced figure and the first probabilities, within
/// 1e-9. The protocol is River's: a learner that has seen no class answers nothing, which accuracy leaves out and log loss
/// counts as one half; a class never seen has probability 0.
/// </summary>
public sealed class RiverLearnersTests(ITestOutputHelper output)
{
    private const double Tolerance = 1e-9;

    private static readonly Dictionary<string, (string Type, bool Scaled, Dictionary<string, object> Parameters)> _learners = new()
    {
        ["scaler_logistic_sgd_0_01"] = ("sgd", true, new() { ["learningRate"] = 0.01, ["interceptRate"] = 0.01 }),
        ["scaler_logistic_adagrad_0_1"] = ("adagrad", true, new() { ["learningRate"] = 0.1, ["interceptRate"] = 0.01 }),
        ["scaler_logistic_adam_0_01"] = ("adam", true, new() { ["learningRate"] = 0.01, ["interceptRate"] = 0.01 }),
        ["logistic_ftrl"] = ("ftrl", false, new() { ["variant"] = "lagged", ["interceptRate"] = 0.01 }),
        ["scaler_pa"] = ("passive_aggressive", true, new() { ["c"] = 0.01 }),
        ["gaussian_nb"] = ("naive_bayes", false, new() { ["priorSmoothing"] = 0.0 }),
        ["hoeffding_tree"] = ("hoeffding_tree", false, []),
    };

    public static TheoryData<string, string> Classifiers
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var name in _learners.Keys)
            {
                cases.Add(name, "phishing");
                cases.Add(name, "elec2");
            }

            return cases;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Classifiers))]
    public void A_classifier_answers_as_River_does(string name, string data)
    {
        using var golden = JsonDocument.Parse(File.ReadAllText(SharedData.Require("golden/online_learners.json")));
        var expected = golden.RootElement.GetProperty("classifiers").GetProperty(name).GetProperty(data);
        var rows = data == "phishing" ? Streams.Phishing() : Streams.Elec2();
        var (type, scaled, parameters) = _learners[name];
        var learner = LearnerFactory.Create(type, parameters, new LearnerShape(rows[0].X.Length, 0, 0, 2), 1);
        var leavesOutFirst = type is "naive_bayes" or "hoeffding_tree";

        // On elec2 these two are now and then wrong with a probability that is 1 but for rounding. River finds it as e to the
        // difference of two numbers near 700, so 1 − p is right to 1e-13 only, and such a row costs 30 or 34 by chance of
        // rounding: log loss is not defined to more digits than these. The accuracy is.
        var lossTolerance = (name, data) switch
        {
            ("gaussian_nb", "elec2") => 5e-5,
            ("hoeffding_tree", "elec2") => 5e-3,
            _ => Tolerance,
        };

        // The tree divides elec2 as River does. But a leaf begins with parts of examples, which an error function gives, and
        // whether 200 have passed since hangs on its last bit: after row 15,000 ten answers of 45,312 differ.
        var exactRows = (name, data) == ("hoeffding_tree", "elec2") ? 15_000 : rows.Length;
        var scaler = scaled ? new RunningScaler(rows[0].X.Length) : null;
        var (right, scored, loss) = (0.0, 0, 0.0);
        var trace = expected.GetProperty("trace").EnumerateArray().Select(point => point.EnumerateArray().Select(number => number.GetDouble()).ToArray()).ToDictionary(point => (int)point[0]);
        var first = expected.GetProperty("first_probabilities");
        for (var i = 0; i < rows.Length; i++)
        {
            var (x, label) = rows[i];
            var probability = learner.PredictOne(scaler?.Scale(x) ?? x);
            if (i < first.GetArrayLength())
                Assert.Equal(first[i].GetDouble(), probability, Tolerance);
            if (i > 0 || !leavesOutFirst)
            {
                right += (probability > 0.5) == (label > 0.5) || (probability == 0.5 && label == 0) ? 1 : 0;
                scored++;
            }

            loss += LogLoss(probability, label);
            scaler?.Learn(x);
            learner.LearnOne(scaler?.Scale(x) ?? x, label);
            if (!trace.TryGetValue(i + 1, out var point))
                continue;
            output.WriteLine($"{i + 1}: {right / scored:F9} {loss / (i + 1):F9}, River {point[1]:F9} {point[2]:F9}");
            Assert.Equal(point[1], right / scored, i < exactRows ? Tolerance : 5e-4);
            Assert.Equal(point[2], loss / (i + 1), lossTolerance);
        }

        output.WriteLine($"all: {right / scored:F9} {loss / rows.Length:F9}");
        Assert.Equal(expected.GetProperty("accuracy").GetDouble(), right / scored, exactRows < rows.Length ? 5e-4 : Tolerance);
        Assert.Equal(expected.GetProperty("log_loss").GetDouble(), loss / rows.Length, lossTolerance);
    }

    [SkippableTheory]
    [InlineData("scaler_linear_sgd_0_01", "sgd", 0.01)]
    [InlineData("scaler_linear_adagrad_1", "adagrad", 1.0)]
    public void A_regression_answers_as_River_does(string name, string type, double rate)
    {
        using var golden = JsonDocument.Parse(File.ReadAllText(SharedData.Require("golden/online_learners.json")));
        var expected = golden.RootElement.GetProperty("regressors").GetProperty(name);
        var rows = Streams.Bikes();
        var learner = LearnerFactory.Create(type, new Dictionary<string, object> { ["learningRate"] = rate, ["interceptRate"] = 0.01 }, new LearnerShape(3, 0, 0, 0), 1);
        var scaler = new RunningScaler(3);
        var (absolute, squared) = (0.0, 0.0);
        var trace = expected.GetProperty("trace").EnumerateArray().Select(point => point.EnumerateArray().Select(number => number.GetDouble()).ToArray()).ToDictionary(point => (int)point[0]);
        var first = expected.GetProperty("first_predictions");
        for (var i = 0; i < rows.Length; i++)
        {
            var (x, label) = rows[i];
            var prediction = learner.PredictOne(scaler.Scale(x));
            if (i < first.GetArrayLength())
                Assert.Equal(first[i].GetDouble(), prediction, Tolerance);
            absolute += Math.Abs(prediction - label);
            squared += (prediction - label) * (prediction - label);
            scaler.Learn(x);
            learner.LearnOne(scaler.Scale(x), label);
            if (!trace.TryGetValue(i + 1, out var point))
                continue;
            Assert.Equal(point[1], absolute / (i + 1), 1e-7);
            Assert.Equal(point[2], Math.Sqrt(squared / (i + 1)), 1e-7);
        }

        Assert.Equal(expected.GetProperty("mae").GetDouble(), absolute / rows.Length, 1e-7);
        Assert.Equal(expected.GetProperty("rmse").GetDouble(), Math.Sqrt(squared / rows.Length), 1e-7);
    }

    /// <summary>River limits a probability to [1e-15, 1 − 1e-15].</summary>
    private static double LogLoss(double probability, double label)
    {
        var limited = Math.Clamp(probability, 1e-15, 1 - 1e-15);
        return -Math.Log(label > 0.5 ? limited : 1 - limited);
    }
}
