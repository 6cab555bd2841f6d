using System.Globalization;
using System.Text.Json;

namespace OrleansMl.Learning.Tests.Golden;

/// <summary>scikit-learn's figures on the nannyml reference rows; here within 1e-9.</summary>
public sealed class MetricsGoldenTests
{
    [SkippableFact]
    public void Binary_metrics_equal_those_of_scikit_learn()
    {
        using var golden = JsonDocument.Parse(File.ReadAllText(SharedData.Require("golden/metrics.json")));
        var expected = golden.RootElement.GetProperty("binary");
        var lines = File.ReadAllLines(SharedData.Require("nannyml/california_housing_reference.csv"));
        var header = lines[0].Split(',');
        var (target, probability) = (Array.IndexOf(header, "clf_target"), Array.IndexOf(header, "y_pred_proba"));
        var rows = lines[1..].Select(line => line.Split(',')).ToArray();
        var scores = rows.Select(row => double.Parse(row[probability], CultureInfo.InvariantCulture)).ToArray();
        var labels = rows.Select(row => double.Parse(row[target], CultureInfo.InvariantCulture)).ToArray();

        var evaluation = new PrequentialEvaluation(true);
        for (var i = 0; i < scores.Length; i++)
            evaluation.Add(scores[i], labels[i]);

        Assert.Equal(expected.GetProperty("n").GetInt64(), evaluation.Count);
        Assert.Equal(expected.GetProperty("accuracy").GetDouble(), evaluation.Accuracy!.Cumulative, 1e-9);
        Assert.Equal(expected.GetProperty("log_loss").GetDouble(), evaluation.LogLoss!.Cumulative, 1e-9);
        Assert.Equal(expected.GetProperty("brier").GetDouble(), evaluation.SquaredError.Cumulative, 1e-9);
        Assert.Equal(expected.GetProperty("roc_auc").GetDouble(), RocAuc.Compute(scores, labels), 1e-9);
    }

    [SkippableFact]
    public void Regression_metrics_equal_those_of_scikit_learn()
    {
        using var golden = JsonDocument.Parse(File.ReadAllText(SharedData.Require("golden/metrics.json")));
        var expected = golden.RootElement.GetProperty("regression");
        var lines = File.ReadAllLines(SharedData.Require("bike-sharing/hour_train.csv"));
        var column = Array.IndexOf(lines[0].Split(','), "cnt");
        var counts = lines[1..].Select(line => double.Parse(line.Split(',')[column], CultureInfo.InvariantCulture)).ToArray();
        var lag = expected.GetProperty("lag").GetInt32();

        var evaluation = new PrequentialEvaluation(false);
        for (var i = lag; i < counts.Length; i++)
            evaluation.Add(counts[i - lag], counts[i]);

        Assert.Equal(expected.GetProperty("mae").GetDouble(), evaluation.AbsoluteError.Cumulative, 1e-9);
        Assert.Equal(expected.GetProperty("rmse").GetDouble(), Math.Sqrt(evaluation.SquaredError.Cumulative), 1e-9);
    }
}
