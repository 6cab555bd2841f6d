using System.Globalization;

namespace OrleansMl.Learning.Tests.Golden;

/// <summary>scikit-learn's figures on public data; here within 1e-9.</summary>
public sealed class MetricsGoldenTests
{
    private const double Tolerance = 1e-9;

    [SkippableFact]
    public void Binary_metrics_equal_those_of_scikit_learn()
    {
        var golden = new GoldenFile("metrics");
        var file = new CsvFile(SharedData.Require("nannyml/california_housing_reference.csv"));
        var (scores, labels) = (file.Column("y_pred_proba"), file.Column("clf_target"));

        var evaluation = new PrequentialEvaluation(true);
        for (var i = 0; i < scores.Length; i++)
            evaluation.Add(scores[i], labels[i]);

        Assert.Equal(golden.Number("binary/n"), evaluation.Count);
        Assert.Equal(golden.Number("binary/accuracy"), evaluation.Accuracy!.Cumulative, Tolerance);
        Assert.Equal(golden.Number("binary/log_loss"), evaluation.LogLoss!.Cumulative, Tolerance);
        Assert.Equal(golden.Number("binary/brier"), evaluation.SquaredError.Cumulative, Tolerance);
        Assert.Equal(golden.Number("binary/roc_auc"), RocAuc.Compute(scores, labels), Tolerance);
        Assert.Equal(golden.Number("binary/average_precision"), AveragePrecision.Compute(scores, labels), Tolerance);
        Assert.Equal(golden.Number("binary/ece_10_equal_width"), ExpectedCalibrationError.Of(ExpectedCalibrationError.EqualWidth(scores, labels)), Tolerance);
        Assert.Equal(golden.Number("binary/ece_10_equal_mass"), ExpectedCalibrationError.Of(ExpectedCalibrationError.EqualMass(scores, labels)), Tolerance);

        var matrix = ConfusionMatrix.Binary(scores, labels);
        Assert.Equal(golden.Integers("binary/confusion_tn_fp_fn_tp"), new[] { matrix[0, 0], matrix[0, 1], matrix[1, 0], matrix[1, 1] }.Select(count => (int)count));
        Assert.Equal(golden.Number("binary/accuracy"), matrix.Accuracy, Tolerance);
        Assert.Equal(golden.Number("binary/balanced_accuracy"), matrix.BalancedAccuracy, Tolerance);
        Assert.Equal(golden.Number("binary/precision"), matrix.Precision(1), Tolerance);
        Assert.Equal(golden.Number("binary/recall"), matrix.Recall(1), Tolerance);
        Assert.Equal(golden.Number("binary/f1"), matrix.F1(1), Tolerance);
        Assert.Equal(golden.Number("binary/f1_macro"), matrix.F1(ClassAverage.Macro), Tolerance);
        Assert.Equal(golden.Number("binary/f1_weighted"), matrix.F1(ClassAverage.Weighted), Tolerance);
        Assert.Equal(golden.Number("binary/mcc"), matrix.MatthewsCorrelation, Tolerance);
        Assert.Equal(golden.Number("binary/kappa"), matrix.CohensKappa, Tolerance);
    }

    [SkippableFact]
    public void Multiclass_metrics_equal_those_of_scikit_learn()
    {
        const int Classes = 10;
        var golden = new GoldenFile("metrics");
        var (train, trainLabels) = Digits(SharedData.Require("optdigits/optdigits-train.csv"));
        var (test, labels) = Digits(SharedData.Require("optdigits/optdigits-test.csv"));
        var means = Enumerable.Range(0, Classes).Select(one => train.Where((_, i) => trainLabels[i] == one).ToArray())
            .Select(rows => Enumerable.Range(0, rows[0].Length).Select(column => rows.Average(row => row[column])).ToArray()).ToArray();
        var scale = golden.Number("multiclass/scale");
        var probabilities = test.SelectMany(row => Softmax([.. means.Select(mean => -mean.Zip(row, (a, b) => (a - b) * (a - b)).Sum() / scale)])).ToArray();

        var matrix = new ConfusionMatrix(Classes);
        var ndcg = 0.0;
        for (var i = 0; i < labels.Length; i++)
        {
            var row = probabilities.AsSpan(i * Classes, Classes);
            matrix.Add(labels[i], row.IndexOf(row.ToArray().Max()));
            ndcg += Ranking.Ndcg(row, [.. Enumerable.Range(0, Classes).Select(one => one == labels[i] ? 1.0 : 0)], 5) / labels.Length;
        }

        var confusion = golden["multiclass/confusion"];
        for (var actual = 0; actual < Classes; actual++)
        {
            for (var predicted = 0; predicted < Classes; predicted++)
                Assert.Equal(confusion[actual][predicted].GetInt64(), matrix[actual, predicted]);
        }

        Assert.Equal(golden.Number("multiclass/n"), matrix.Count);
        Assert.Equal(golden.Number("multiclass/accuracy"), matrix.Accuracy, Tolerance);
        Assert.Equal(golden.Number("multiclass/precision_macro"), matrix.Precision(ClassAverage.Macro), Tolerance);
        Assert.Equal(golden.Number("multiclass/recall_macro"), matrix.Recall(ClassAverage.Macro), Tolerance);
        Assert.Equal(golden.Number("multiclass/f1_macro"), matrix.F1(ClassAverage.Macro), Tolerance);
        Assert.Equal(golden.Number("multiclass/f1_weighted"), matrix.F1(ClassAverage.Weighted), Tolerance);
        Assert.Equal(golden.Number("multiclass/kappa"), matrix.CohensKappa, Tolerance);
        Assert.Equal(golden.Number("multiclass/mcc"), matrix.MatthewsCorrelation, Tolerance);
        Assert.Equal(golden.Number("multiclass/log_loss"), MulticlassScores.LogLoss(probabilities, labels, Classes), Tolerance);

        // What an answer is worth says the same, without its probabilities: as prequential figures and as those of evaluations.
        ClassAnswer[] answers = [.. labels.Select((label, i) => ClassAnswer.Of(probabilities.AsSpan(i * Classes, Classes), label))];
        var truths = Array.ConvertAll(labels, label => (double)label);
        var evaluation = new PrequentialEvaluation(true);
        for (var i = 0; i < truths.Length; i++)
            evaluation.Add(answers[i], truths[i]);
        Assert.Equal(golden.Number("multiclass/log_loss"), evaluation.LogLoss!.Cumulative, Tolerance);
        Assert.Equal(golden.Number("multiclass/accuracy"), evaluation.Accuracy!.Cumulative, Tolerance);
        Assert.Equal(MulticlassScores.Brier(probabilities, labels, Classes), evaluation.SquaredError.Cumulative, Tolerance);
        Assert.Equal(golden.Number("multiclass/log_loss"), ClassFigures.Compute("log_loss", answers, truths, Classes, 1).Value, Tolerance);
        Assert.Equal(golden.Number("multiclass/f1_macro"), ClassFigures.Compute("macro_f1", answers, truths, Classes, 1).Value, Tolerance);
        Assert.Equal(golden.Number("multiclass/roc_auc_ovr_macro"), MulticlassScores.AucOneVsRest(probabilities, labels, Classes), Tolerance);
        Assert.Equal(golden.Number("multiclass/roc_auc_ovo_macro"), MulticlassScores.AucOneVsOne(probabilities, labels, Classes), Tolerance);
        Assert.Equal(golden.Number("multiclass/top3_accuracy"), MulticlassScores.TopAccuracy(probabilities, labels, Classes, 3), Tolerance);
        Assert.Equal(golden.Number("multiclass/ndcg_at_5_onehot"), ndcg, Tolerance);
    }

    [SkippableFact]
    public void Regression_metrics_equal_those_of_scikit_learn()
    {
        var golden = new GoldenFile("metrics");
        var counts = new CsvFile(SharedData.Require("bike-sharing/hour_train.csv")).Column("cnt");
        var lag = (int)golden.Number("regression/lag");

        var evaluation = new PrequentialEvaluation(false);
        for (var i = lag; i < counts.Length; i++)
            evaluation.Add(counts[i - lag], counts[i]);
        var scores = RegressionScores.Of(counts.AsSpan(0, counts.Length - lag), counts.AsSpan(lag));

        Assert.Equal(golden.Number("regression/mae"), evaluation.AbsoluteError.Cumulative, Tolerance);
        Assert.Equal(golden.Number("regression/rmse"), Math.Sqrt(evaluation.SquaredError.Cumulative), Tolerance);
        Assert.Equal(golden.Number("regression/mae"), scores.MeanAbsoluteError, Tolerance);
        Assert.Equal(golden.Number("regression/rmse"), scores.RootMeanSquaredError, Tolerance);
        Assert.Equal(golden.Number("regression/r2"), scores.RSquared, Tolerance);
        Assert.Equal(golden.Number("regression/mape"), scores.MeanAbsolutePercentageError, Tolerance);
        Assert.Equal(golden.Number("regression/median_ae"), scores.MedianAbsoluteError, Tolerance);
        Assert.Equal(golden.Number("regression/max_error"), scores.MaxError, Tolerance);
    }

    private static (double[][] Pixels, int[] Labels) Digits(string path)
    {
        var rows = File.ReadAllLines(path).Select(line => line.Split(',').Select(field => double.Parse(field, CultureInfo.InvariantCulture)).ToArray()).ToArray();
        return ([.. rows.Select(row => row[..^1])], [.. rows.Select(row => (int)row[^1])]);
    }

    private static double[] Softmax(double[] logits)
    {
        var powers = logits.Select(logit => Math.Exp(logit - logits.Max())).ToArray();
        return [.. powers.Select(power => power / powers.Sum())];
    }
}
