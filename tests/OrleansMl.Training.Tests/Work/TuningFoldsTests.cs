using OrleansMl.Declaration;
using OrleansMl.Learning;

namespace OrleansMl.Training.Tests.Work;

/// <summary>What a fold is fitted on comes out of a pipeline that has seen nothing but the fold's own past.</summary>
public sealed class TuningFoldsTests
{
    private const int Rows = 240;
    private const int Folds = 3;

    private static readonly int[] s_known = [.. Enumerable.Range(0, Rows)];

    [Fact]
    public void Means_and_scales_are_those_of_the_fold_s_own_past()
    {
        var folds = TuningFolds.Of(Plan("standard_scale"), Folds, Data(row => row), s_known, default);
        Assert.Equal(Folds, folds.Length);
        foreach (var fold in folds)
        {
            // A column that rises: fitted on all rows, the past would lie below 0 and not around it.
            var past = Numbers(fold.Train, 0);
            Assert.Equal(0, past.Average(), 1e-9);
            Assert.Equal(1, past.Average(x => x * x), 1e-9);
            Assert.True(Numbers(fold.Validation!, 0).Min() > past.Max());
            Assert.True(Numbers(fold.Test, 0).Min() > 1.7);
        }

        // One statistic for all of them would put the same row at the same place.
        Assert.Equal(Folds, folds.Select(fold => fold.Train.Dense[0]).Distinct().Count());
    }

    [Theory]
    [InlineData("standard_scale")]
    [InlineData("min_max_scale")]
    [InlineData("kmeans")]
    [InlineData("pca")]
    public void What_comes_later_changes_nothing_that_a_fold_is_fitted_on(string stage)
    {
        var plan = Plan(stage);
        var before = TuningFolds.Of(plan, Folds, Data(row => row % 17), s_known, default);
        for (var place = 0; place < Folds; place++)
        {
            var last = FoldSplit.InTime(Rows, Folds, validationShare: 0.25)[place].Train[^1];
            var after = TuningFolds.Of(plan, Folds, Data(row => row > last ? 1000 + (row * row) : row % 17), s_known, default)[place];
            Assert.Equal(before[place].Train.Dense, after.Train.Dense);
            Assert.NotEqual(before[place].Test.Dense, after.Test.Dense);
        }
    }

    [Fact]
    public void A_category_that_comes_later_is_unknown_to_the_folds_before()
    {
        var folds = TuningFolds.Of(Plan("one_hot"), Folds, Data(row => row, hasText: true), s_known, default);
        Assert.Equal([2, 3, 4], folds.Select(fold => fold.Shape.Learner.DenseCount));
        Assert.Equal(folds.Select(fold => fold.Shape.Learner.DenseCount), folds.Select(fold => fold.Test.DenseCount));

        // Each is learned in its own width.
        var space = SearchSpace.Create(TrainerFactory.Find("logistic_regression")!, 2, new Dictionary<string, SearchRange> { ["learningRate"] = SearchRange.LogUniform(0.01, 1) });
        var objective = new TrainerObjective(space, 2, folds, TuningMetric.Find("log_loss", 2), 1);
        Assert.All(Enumerable.Range(0, Folds), fold => Assert.True(double.IsFinite(objective.Score(new Dictionary<string, object> { ["learningRate"] = 0.1 }, fold, 1, default))));
    }

    [Fact]
    public void A_fold_whose_rows_its_pipeline_cannot_be_fitted_on_says_which()
    {
        // Text comes only in the second half: the first fold has none to learn categories from.
        var rows = Data(row => row, hasText: true);
        for (var row = 0; row < Rows / 2; row++)
            rows[row] = rows[row] with { Row = new Row(rows[row].Row.Numeric, [null]) };
        var refused = Assert.Throws<LearnerException>(() => TuningFolds.Of(Plan("one_hot"), Folds, rows, s_known, default)).Message;
        Assert.StartsWith("The pipeline cannot be fitted on the 45 rows of fold 1 of the search:", refused, StringComparison.Ordinal);
        Assert.EndsWith("Tune on fewer folds, or take more rows.", refused, StringComparison.Ordinal);
    }

    [Fact]
    public void The_plan_of_a_search_has_another_hash_than_when_one_pipeline_saw_all_folds()
    {
        var plan = Plan("standard_scale");
        Assert.Null(plan.Revision);
        Assert.Equal(2, (plan with { Tune = new TuneDefinition { Metric = "log_loss" } }).Revision);
        Assert.Equal(2, (plan with { Trainer = CommandTrainer.Type, Command = new CommandPlan(["/bin/true"], null, null) }).Revision);
        using var folder = new WorkFolder();
        var tuned = plan with { Tune = new TuneDefinition { Metric = "log_loss" } };
        tuned.Write(folder.Path);
        Assert.Contains("\"revision\": 2", folder.Text(TrainingPlan.FileName), StringComparison.Ordinal);
        Assert.Equal(tuned.Hash(), TrainingPlan.Read(folder.Path).Hash());
        plan.Write(folder.Path);
        Assert.DoesNotContain("revision", folder.Text(TrainingPlan.FileName), StringComparison.Ordinal);
    }

    private static double[] Numbers(TrainingRows rows, int column) => [.. Enumerable.Range(0, rows.Count).Select(row => rows.Dense[(row * rows.DenseCount) + column])];

    /// <summary>A number, and one that has nothing to say or a text of which a new one comes every 60 rows.</summary>
    private static LabelledRow[] Data(Func<int, double> number, bool hasText = false) =>
    [
        .. Enumerable.Range(0, Rows).Select(row =>
        {
            var made = DateTime.UnixEpoch.AddMinutes(row);
            return new LabelledRow(hasText ? new Row([number(row)], [$"t{row / 60}"]) : new Row([number(row), row * 7 % 5], []), row % 2, 1, made, made);
        }),
    ];

    private static TrainingPlan Plan(string stage)
    {
        PipelineStageDefinition[] stages = stage switch
        {
            "one_hot" => [new("one_hot") { Columns = ["t"] }],
            "kmeans" => [new("kmeans") { Columns = ["x", "y"], Clusters = 3, Seed = 1, Starts = 1 }],
            "pca" => [new("pca") { Columns = ["x", "y"], Components = 1 }],
            _ => [new(stage) { Columns = ["x", "y"] }],
        };
        return new TrainingPlan
        {
            Model = "toy",
            Columns = stage == "one_hot" ? [new Column("t", ColumnKind.Categorical), new Column("x", ColumnKind.Numeric)] : [new Column("x", ColumnKind.Numeric), new Column("y", ColumnKind.Numeric)],
            Pipeline = [.. stages],
            Classes = 2,
            RowsHash = "",
            RowsFile = "",
            Split = new SplitPlan(SplitPlan.Time, 0.2, 0.2),
            Trainer = "logistic_regression",
            Seed = 1,
            Threads = 1,
        };
    }
}
