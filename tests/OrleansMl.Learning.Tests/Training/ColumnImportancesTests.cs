using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;

namespace OrleansMl.Learning.Tests.Training;

public sealed class ColumnImportancesTests
{
    private static readonly RowSchema s_schema = new([new Column("a", ColumnKind.Numeric), new Column("b", ColumnKind.Numeric), new Column("t", ColumnKind.Categorical)]);

    /// <summary>a and b stay as they are, t is hashed into 2^4 places.</summary>
    private static readonly FittedPipeline s_pipeline = FittedPipeline.Fit(
        new PipelineSpec([new HashSpec(ColumnSelector.Parse(["t"]), 4)]), s_schema, [new Row([1, 2], ["x"]), new Row([3, 5], ["y"])]);

    [Fact]
    public void Linear_weights_count_by_the_standard_deviation_of_their_column_and_hashed_ones_by_that_of_what_they_add()
    {
        // a: 0, 2, 0, 2 (deviation 1); b: 0, 0, 10, 10 (deviation 5); t: places 3, 3, 7, 7 with weights 4 and 0.
        var rows = Rows([0, 0, 2, 0, 0, 10, 2, 10], [3, 3, 7, 7]);
        var model = new LinearModel([-3, 0.4], [new HashedWeight(3, 4)], 4, 100, Link.Logistic, double.NegativeInfinity, double.PositiveInfinity);
        var importances = ColumnImportances.Of(model, s_pipeline, rows, out var measure)!.Value;
        Assert.Equal(ColumnImportances.StandardizedWeight, measure);
        Assert.Equal([("a", 3), ("b", 2), ("t", 2)], importances.Select(one => (one.Column, Math.Round(one.Importance, 9))));
    }

    [Fact]
    public void A_row_of_weight_two_counts_as_two_rows()
    {
        var model = new LinearModel([1, 1], [new HashedWeight(3, 1)], 4, 0, Link.Identity, double.NegativeInfinity, double.PositiveInfinity);
        var weighted = ColumnImportances.Of(model, s_pipeline, Rows([0, 1, 3, 1, 4, 9], [3, 3, 5], [1, 2, 1]), out _)!.Value;
        var twice = ColumnImportances.Of(model, s_pipeline, Rows([0, 1, 3, 1, 3, 1, 4, 9], [3, 3, 3, 5]), out _)!.Value;
        Assert.Equal(twice.Select(one => one.Column), weighted.Select(one => one.Column));
        Assert.All(twice.Zip(weighted), pair => Assert.Equal(pair.First.Importance, pair.Second.Importance, 1e-12));
    }

    [Fact]
    public void What_is_added_to_all_classes_changes_nothing_and_two_classes_are_half_of_their_difference()
    {
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(Gen.Choose(-50, 50).ArrayOf(7).ToArbitrary(), Gen.Choose(-50, 50).ArrayOf(12).ToArbitrary(), (weights, values) =>
        {
            var rows = Rows([.. values[..8].Select(value => (double)value)], [1, 2, 1, 2]);
            var shift = weights[6];
            var one = Importances(rows, weights[..6], 0);
            var shifted = Importances(rows, weights[..6], shift);
            var linear = ColumnImportances.Of(
                new LinearModel([(weights[1] - weights[0]) / 2.0, (weights[3] - weights[2]) / 2.0], [new HashedWeight(1, (weights[5] - weights[4]) / 2.0)], 4, 0, Link.Logistic, 0, 0), s_pipeline, rows, out _)!.Value;
            return Same(one, shifted) && Same(one, linear);
        }));

        static ImmutableArray<ColumnImportance> Importances(TrainingRows rows, int[] weights, int shift) => ColumnImportances.Of(
            new SoftmaxModel([.. weights[..4].Select(weight => (double)weight + shift)], new SparseRows([1], [.. weights[4..6].Select(weight => (double)weight)], 2), 4, [0, 0]), s_pipeline, rows, out _)!.Value;

        static bool Same(ImmutableArray<ColumnImportance> first, ImmutableArray<ColumnImportance> second) =>
            first.OrderBy(one => one.Column).Zip(second.OrderBy(one => one.Column)).All(pair => Math.Abs(pair.First.Importance - pair.Second.Importance) < 1e-9 * Math.Max(1, pair.First.Importance));
    }

    [Fact]
    public void Trees_count_by_their_share_of_the_gain_whatever_its_size()
    {
        var pipeline = FittedPipeline.Fit(new PipelineSpec([]), new RowSchema(s_schema.Columns.Take(2)), [new Row([1, 2], []), new Row([3, 5], [])]);
        double[] dense = [.. Enumerable.Range(0, 40).SelectMany(i => new double[] { i % 7, i })];
        var rows = new TrainingRows(40, dense, [], [], [.. Enumerable.Range(0, 40).Select(i => i < 20 ? 0.0 : 1000)]);
        var model = TrainerFactory.Create("gradient_boosted_trees", new Dictionary<string, object> { ["iterations"] = 3.0, ["minRowsPerLeaf"] = 2.0 }, new TrainerShape(new LearnerShape(2, 0, 0, 0), []), 1).Fit(rows, null, null, default);
        var importances = ColumnImportances.Of(model, pipeline, rows, out var measure)!.Value;
        Assert.Equal((ColumnImportances.Gain, "b"), (measure, importances[0].Column));
        Assert.InRange(importances[0].Importance, 0.99, 1);
        Assert.Equal(1, importances.Sum(one => one.Importance), 1e-12);
    }

    [Fact]
    public void Equal_ones_stand_by_name_and_a_model_that_tells_nothing_of_the_sort_gives_none()
    {
        var rows = Rows([1, 1, 1, 1], [3, 3]);
        var model = new LinearModel([5, 5], [], 4, 0, Link.Identity, 0, 0);
        Assert.Equal(["a", "b", "t"], ColumnImportances.Of(model, s_pipeline, rows, out _)!.Value.Select(one => one.Column));
        Assert.All(ColumnImportances.Of(model, s_pipeline, rows, out _)!.Value, one => Assert.Equal(0, one.Importance));
        var bayes = LearnerFactory.Create("naive_bayes", null, 2, 4, 1).Snapshot();
        Assert.Null(ColumnImportances.Of(bayes, s_pipeline, rows, out _));
    }

    private static TrainingRows Rows(double[] dense, int[] places, double[]? weights = null) =>
        new(places.Length, dense, places, [.. places.Select(_ => 1.0)], [.. places.Select((_, i) => i % 2.0)], weights);
}
