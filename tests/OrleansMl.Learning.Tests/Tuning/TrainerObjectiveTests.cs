using System.Collections.Immutable;

namespace OrleansMl.Learning.Tests.Tuning;

public sealed class TrainerObjectiveTests
{
    private static readonly TrainerKind s_kind = TrainerFactory.Find("logistic_regression")!;
    private static readonly TrainerShape s_shape = new(new LearnerShape(2, 0, 0, 2), []);

    [Fact]
    public void Every_fold_is_judged_on_rows_that_follow_its_own_with_the_gap_between()
    {
        var rows = Rows(100);
        var folds = Folds(rows, 3, testRows: 10, gap: 5, validationShare: 0.2);
        Assert.Equal([(52, 13, 10), (60, 15, 10), (68, 17, 10)], folds.Select(fold => (fold.Train.Count, fold.Validation!.Count, fold.Test.Count)));
        foreach (var fold in folds)
        {
            // The first feature is the row's number.
            Assert.True(fold.Train.Dense[^2] + 1 == fold.Validation!.Dense[0]);
            Assert.True(fold.Validation.Dense[^2] + 6 == fold.Test.Dense[0]);
        }

        Assert.Null(Folds(rows, 1)[0].Validation);
        Assert.Contains("too few to tune on 3 folds with a gap of 80", Assert.Throws<LearnerException>(() => Folds(rows, 3, gap: 80)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Folds_keep_hashed_features_and_weights()
    {
        var rows = new TrainingRows(4, [1, 2, 3, 4], [10, 11, 20, 21, 30, 31, 40, 41], [1, 2, 3, 4, 5, 6, 7, 8], [0, 1, 0, 1], [1, 2, 3, 4]);
        var fold = Assert.Single(Folds(rows, 1, testRows: 1, gap: 1));
        Assert.Equal([1.0, 2], fold.Train.Dense);
        Assert.Equal([4.0], fold.Test.Dense);
        Assert.Equal([40, 41], fold.Test.HashedIndices);
        Assert.Equal([7.0, 8], fold.Test.HashedValues);
        Assert.Equal([1.0], fold.Test.Targets);
        Assert.Equal([4.0], fold.Test.Weights!);
    }

    [Fact]
    public void The_resource_is_epochs_where_they_suffice_and_rows_else()
    {
        var folds = Folds(Rows(900), 2);
        var ranges = SearchSpaceTests.Ranges(("learningRate", SearchRange.LogUniform(0.01, 1)));
        var epochs = new TrainerObjective(SearchSpace.Create(s_kind, 2, ranges, new Dictionary<string, object> { ["epochs"] = 9 }), 2, folds, TuningMetric.Find("log_loss", 2), 1);
        Assert.Equal(("epochs", 1.0 / 9), (epochs.Resource, epochs.LeastShare));
        var rows = new TrainerObjective(SearchSpace.Create(s_kind, 2, ranges), 2, folds, TuningMetric.Find("log_loss", 2), 1);
        Assert.Equal((null, 100.0 / 300), (rows.Resource, rows.LeastShare));
        var searched = new TrainerObjective(SearchSpace.Create(s_kind, 2, SearchSpaceTests.Ranges(("epochs", SearchRange.Integer(1, 20)))), 2, folds, TuningMetric.Find("log_loss", 2), 1);
        Assert.Null(searched.Resource);
    }

    [Fact]
    public void A_share_of_the_resource_is_so_many_epochs_or_the_newest_rows()
    {
        var folds = Folds(Rows(900), 1);
        var parameters = new Dictionary<string, object> { ["learningRate"] = 0.3, ["epochs"] = 9.0 };
        var given = new Dictionary<string, object> { ["epochs"] = 9 };
        var ranges = SearchSpaceTests.Ranges(("learningRate", SearchRange.LogUniform(0.01, 1)));
        var byEpochs = new TrainerObjective(SearchSpace.Create(s_kind, 2, ranges, given), 2, folds, TuningMetric.Find("log_loss", 2), 1);
        Assert.Equal(Direct(folds[0].Train, 3), byEpochs.Score(parameters, 0, 1.0 / 3, default));

        parameters.Remove("epochs");
        var byRows = new TrainerObjective(SearchSpace.Create(s_kind, 2, ranges), 2, folds, TuningMetric.Find("log_loss", 2), 1);
        Assert.Equal(Direct(Newest(folds[0].Train, 150), 1), byRows.Score(parameters, 0, 1.0 / 3, default));

        double Direct(TrainingRows train, int epochs)
        {
            var model = TrainerFactory.Create("logistic_regression", new Dictionary<string, object> { ["learningRate"] = 0.3, ["epochs"] = epochs }, s_shape, 1).Fit(train, null, null, default);
            var test = folds[0].Test;
            return Enumerable.Range(0, test.Count).Average(row => Losses.LogLoss(model.PredictOne(test[row]), test.Targets[row]));
        }
    }

    [Fact]
    public void A_search_over_a_real_trainer_beats_its_worst_set_and_repeats_itself()
    {
        var space = SearchSpace.Create(s_kind, 2, SearchSpaceTests.Ranges(("learningRate", SearchRange.LogUniform(1e-6, 10)), ("adaptive", SearchRange.Choice(true, false))));
        var folds = Folds(Rows(2000), 3, validationShare: 0.1);
        var options = new TuningOptions { Method = TuningMethod.Halving, Trials = 12, Seed = 3 };
        var report = Run();
        var completed = report.Trials.Where(trial => trial.State == TrialState.Completed).ToArray();
        Assert.NotEmpty(completed);
        Assert.True(report.Best!.Score < 0.45, $"{report.Best.Score}");
        Assert.Contains(report.Trials, trial => trial.State == TrialState.Pruned && trial.Rungs[0].Score > 0.65);
        Assert.Equal(report.BestParameters(), Run().BestParameters());

        TuningReport Run() => new Tuner(space, new TrainerObjective(space, 2, folds, TuningMetric.Find("log_loss", 2), 1), options).Run([], null, null, default);
    }

    /// <summary>Three rows by hand: 0.8 and 0.4 of a hit, 0.3 of a miss.</summary>
    [Fact]
    public void Metrics_are_those_of_the_evaluation()
    {
        double[] answers = [0.2, 0.8, 0.6, 0.4, 0.7, 0.3];
        double[] truths = [1, 1, 0];
        Assert.Equal(-(Math.Log(0.8) + Math.Log(0.4) + Math.Log(0.7)) / 3, Of("log_loss", 2), 1e-12);
        Assert.Equal((0.04 + 0.36 + 0.09) / 3, Of("brier", 2), 1e-12);
        Assert.Equal(2.0 / 3, Of("accuracy", 2), 1e-12);
        Assert.Equal(1, Of("roc_auc", 2), 1e-12);
        Assert.Equal(1, Of("pr_auc", 2), 1e-12);
        Assert.Equal(Math.Sqrt((0.25 + 1) / 2), TuningMetric.Find("rmse", 0).Compute([1.5, 1], [1, 2], 0), 1e-12);
        Assert.Equal(0.75, TuningMetric.Find("mae", 0).Compute([1.5, 1], [1, 2], 0), 1e-12);
        Assert.Equal(-1.5, TuningMetric.Find("r2", 0).Compute([1.5, 1], [1, 2], 0), 1e-12);
        Assert.Equal(-(Math.Log(0.5) + Math.Log(0.2)) / 2, TuningMetric.Find("log_loss", 3).Compute([0.5, 0.3, 0.2, 0.5, 0.3, 0.2], [0, 2], 3), 1e-12);
        Assert.True(double.IsNaN(TuningMetric.Find("roc_auc", 2).Compute([0.5, 0.5], [1], 2)));
        Assert.Equal("There is no metric 'rmse' for 2 classes (available: log_loss, accuracy, brier, roc_auc, pr_auc).", Assert.Throws<LearnerException>(() => TuningMetric.Find("rmse", 2)).Message);
        Assert.DoesNotContain(TuningMetric.Fitting(3), metric => metric.Name == "pr_auc");

        double Of(string metric, int classes) => TuningMetric.Find(metric, classes).Compute(answers, truths, classes);
    }

    private static ImmutableArray<TuningFold> Folds(TrainingRows rows, int folds, int? testRows = null, int gap = 0, double validationShare = 0) =>
    [
        .. FoldSplit.InTime(rows.Count, folds, testRows, gap, validationShare).Select(split => new TuningFold(
            s_shape, RowSubset.Of(rows, split.Train.AsSpan()), split.Validation.IsEmpty ? null : RowSubset.Of(rows, split.Validation.AsSpan()), RowSubset.Of(rows, split.Test.AsSpan()))),
    ];

    private static TrainingRows Newest(TrainingRows rows, int count) => new(count, rows.Dense[^(2 * count)..], [], [], rows.Targets[^count..]);

    /// <summary>The row's number, and a feature that tells the class but for noise.</summary>
    private static TrainingRows Rows(int count)
    {
        var random = new Random(11);
        var (dense, targets) = (new double[count * 2], new double[count]);
        for (var row = 0; row < count; row++)
        {
            targets[row] = random.Next(2);
            dense[row * 2] = row;
            dense[(row * 2) + 1] = (targets[row] * 3) - 1.5 + Normal();
        }

        return new TrainingRows(count, dense, [], [], targets);

        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }
}
