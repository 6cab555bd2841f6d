using OrleansMl.Learning.Tests.Training;
using OrleansMl.Testing;

namespace OrleansMl.Learning.Tests.Golden;

/// <summary>
/// scikit-learn 1.2.1's HistGradientBoostingClassifier with like settings, on the same rows, columns and codes, as
/// Golden/scripts/hist_gradient_boosting.py prints its figures.
/// </summary>
public sealed class BoostedTreesGoldenTests
{
    private const double Margin = 0.003;

    [SkippableFact]
    public void On_adult_census_it_ranks_as_well()
    {
        var table = PublicTable.Adult(SharedData.Require("adult-census/adult-train.csv.gz"), SharedData.Require("adult-census/adult-test.csv.gz"));
        Assert.Equal((32_561, 16_281), (table.Train.Length, table.Test.Length));
        AssertAsGood([Score(table)], auc: 0.9274961573452887, logLoss: 0.27665842674345453);
    }

    /// <summary>Means over five folds: one alone has 90 positives, and says little.</summary>
    [SkippableFact]
    public void On_bank_marketing_it_ranks_as_well()
    {
        var file = SharedData.Require("bank-marketing/bank-additional.csv");
        AssertAsGood(
            [.. Enumerable.Range(0, 5).Select(fold => Score(PublicTable.Bank(file, fold)))],
            auc: new[] { 0.7643990080943246, 0.7522058360118484, 0.7227520435967302, 0.7993618935177378, 0.6557426202719518 }.Average(),
            logLoss: new[] { 0.2982620034294593, 0.30328324621341896, 0.3434678412975736, 0.304494822463511, 0.3735020843898705 }.Average());
    }

    private static (double Auc, double LogLoss) Score(PublicTable table)
    {
        var pipeline = FittedPipeline.Fit(PublicTable.Codes, table.Schema, table.Train);
        var test = PublicTable.Transform(pipeline, table.Test, table.TestLabels);
        var model = PublicTable.Transform(pipeline, table.Train, table.TrainLabels).Fit(2, categories: [.. pipeline.DenseCategories]);
        double[] scores = [.. Enumerable.Range(0, test.Count).Select(row => model.PredictOne(test[row]))];
        return (RocAuc.Compute(scores, test.Targets), scores.Select((score, row) => -Math.Log(test.Targets[row] > 0 ? score : 1 - score)).Average());
    }

    private static void AssertAsGood((double Auc, double LogLoss)[] ours, double auc, double logLoss)
    {
        var (ourAuc, ourLogLoss) = (ours.Average(one => one.Auc), ours.Average(one => one.LogLoss));
        Assert.True(ourAuc >= auc - Margin, $"AUC {ourAuc} is under {auc} by more than {Margin}.");
        Assert.True(ourLogLoss <= logLoss + Margin, $"Log loss {ourLogLoss} is over {logLoss} by more than {Margin}.");
    }
}
