namespace OrleansMl.Learning.Tests.Training;

public sealed class BoostedTreesTests
{
    private static readonly int[] s_mixed = [0, 0, 6];

    private static readonly Dictionary<string, object> s_free = new() { ["minRowsPerLeaf"] = 1.0, ["learningRate"] = 1.0, ["iterations"] = 1.0 };

    [Fact]
    public void One_tree_of_two_leaves_answers_the_means_of_its_sides()
    {
        var rows = TreeRows.Of([1, 2, 3, 10, 11, 12], [1, 2, 3, 7, 8, 9]);
        var model = rows.Fit(0, new(s_free) { ["maxLeaves"] = 2.0 });
        Assert.Equal(3, model.Nodes.Length);
        Assert.Equal((0, 6.5f), (model.Nodes[0].Feature, model.Nodes[0].Threshold));
        Assert.Equal(2, model.Predict(6.5)[0], 1e-9);
        Assert.Equal(8, model.Predict(6.50001)[0], 1e-9);

        // Σ over sides of (Σ residual)² / n, less that of the whole: 9²/3 + 9²/3 − 0.
        Assert.Equal(54, model.Nodes[0].Gain, 1e-9);
        Assert.Equal(new FeatureImportance(model.Nodes[0].Gain, 1), Assert.Single(model.Importances));
    }

    [Fact]
    public void A_leaf_of_two_classes_takes_a_newton_step_in_the_log_odds()
    {
        var rows = TreeRows.Of([0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 0, 1, 0, 1, 1, 1]);
        var model = rows.Fit(2, new(s_free) { ["l2"] = 1.0 });

        // Start ln(4/4) = 0, p = 1/2: gradients −½ or ½, second derivatives ¼: ±1 / (1 + 1).
        Assert.Equal([0.5, -0.5], model.Nodes.Where(node => node.IsLeaf).Select(node => -node.Value));
        Assert.Equal(1 / (1 + Math.Exp(-0.5)), model.Predict(1)[1], 1e-12);
        Assert.Equal(1, model.Predict(0).Sum(), 1e-12);
    }

    [Fact]
    public void Counts_are_learned_by_their_rates()
    {
        var rows = TreeRows.Of([0, 0, 1, 1], [1, 3, 20, 28]);
        var model = rows.Fit(0, new(s_free) { ["loss"] = "poisson", ["iterations"] = 40.0 });
        Assert.Equal(2, model.Predict(0)[0], 1e-6);
        Assert.Equal(24, model.Predict(1)[0], 1e-6);
    }

    [Fact]
    public void Absolute_errors_are_least_at_the_medians_whatever_one_outlier_says()
    {
        var rows = TreeRows.Of([0, 0, 0, 1, 1, 1], [1, 2, 1e6, 10, 11, 12]);
        var model = rows.Fit(0, new(s_free) { ["loss"] = "absolute" });
        Assert.Equal(2, model.Predict(0)[0], 1e-9);
        Assert.Equal(11, model.Predict(1)[0], 1e-9);
    }

    [Fact]
    public void Missing_values_take_the_side_that_lessens_the_loss()
    {
        var (low, high) = (TreeRows.Of([1, 2, 8, 9, double.NaN, double.NaN], [0, 0, 5, 5, 0, 0]), TreeRows.Of([1, 2, 8, 9, double.NaN, double.NaN], [0, 0, 5, 5, 5, 5]));
        Assert.True(low.Fit(0, s_free).Nodes[0].MissingLeft);
        Assert.False(high.Fit(0, s_free).Nodes[0].MissingLeft);
        Assert.Equal(0, low.Fit(0, s_free).Predict(double.NaN)[0], 1e-9);
        Assert.Equal(5, high.Fit(0, s_free).Predict(double.NaN)[0], 1e-9);
    }

    [Fact]
    public void That_a_value_is_missing_can_itself_be_the_test()
    {
        var rows = TreeRows.Of([1, 2, 3, double.NaN, double.NaN, double.NaN], [0, 0, 0, 1, 1, 1]);
        var model = rows.Fit(0, s_free);
        Assert.Equal(float.PositiveInfinity, model.Nodes[0].Threshold);
        Assert.Equal(1, model.Predict(double.NaN)[0], 1e-9);
        Assert.Equal(0, model.Predict(1e30)[0], 1e-9);
    }

    [Fact]
    public void What_was_never_missing_goes_with_the_more_rows()
    {
        var rows = TreeRows.Of([1, 2, 3, 10], [0, 0, 0, 9]);
        Assert.Equal(0, rows.Fit(0, s_free).Predict(double.NaN)[0], 1e-9);
        rows = TreeRows.Of([1, 10, 11, 12], [9, 0, 0, 0]);
        Assert.Equal(0, rows.Fit(0, s_free).Predict(double.NaN)[0], 1e-9);
    }

    [Fact]
    public void Categories_are_parted_in_one_test_whatever_the_order_of_their_codes()
    {
        // Codes 0, 3, 4 against 1, 2, 5: no threshold parts them.
        var rows = Codes(code => code is 0 or 3 or 4 ? 1 : 0);
        var model = rows.Fit(0, new(s_free) { ["maxLeaves"] = 2.0 }, [6]);
        Assert.Equal(3, model.Nodes.Length);
        for (var code = 0; code < 6; code++)
            Assert.Equal(code is 0 or 3 or 4 ? 1 : 0, model.Predict(code)[0], 1e-9);
    }

    [Fact]
    public void What_is_no_code_goes_with_the_missing_values()
    {
        var rows = Codes(code => code is 0 or 3 or 4 ? 1 : 0, missing: 0);
        var model = rows.Fit(0, new(s_free) { ["maxLeaves"] = 2.0 }, [8]);
        foreach (var other in new[] { double.NaN, 6, 7, 8, 100, -1, 0.5, double.PositiveInfinity })
            Assert.Equal(0, model.Predict(other)[0], 1e-9);
        Assert.Equal(1, model.Predict(3)[0], 1e-9);
    }

    [Fact]
    public void Of_more_categories_than_bins_the_rare_ones_go_with_the_missing_values()
    {
        var random = new Random(3);
        var codes = Enumerable.Range(0, 300).SelectMany(code => Enumerable.Repeat((double)code, code < 200 ? 20 : 1)).ToArray();
        var model = TreeRows.Of(codes, [.. codes.Select(code => code < 200 && code % 2 == 0 ? 1.0 : 0)]).Fit(0, new() { ["maxBins"] = 200.0, ["iterations"] = 20.0 }, [300]);
        Assert.InRange(model.Predict(10)[0], 0.8, 1.1);
        Assert.InRange(model.Predict(11)[0], -0.1, 0.2);
        Assert.All(Enumerable.Range(200, 100), code => Assert.Equal(model.Predict(double.NaN)[0], model.Predict(code)[0]));
    }

    [Fact]
    public void Leaves_depth_and_rows_keep_to_their_limits()
    {
        var rows = TreeRows.Mixed(2000, 0);
        var model = rows.Fit(0, new() { ["maxLeaves"] = 7.0, ["iterations"] = 5.0, ["minRowsPerLeaf"] = 100.0 }, s_mixed);
        for (var tree = 0; tree < model.Roots.Length; tree++)
        {
            var end = tree + 1 < model.Roots.Length ? model.Roots[tree + 1] : model.Nodes.Length;
            Assert.InRange(end - model.Roots[tree], 3, 13);
        }

        var counts = new Dictionary<int, int>();
        for (var row = 0; row < rows.Count; row++)
        {
            var leaf = Leaf(model, model.Roots[0], rows[row].Dense);
            counts[leaf] = counts.GetValueOrDefault(leaf) + 1;
        }

        Assert.All(counts.Values, count => Assert.True(count >= 100));
        var shallow = rows.Fit(0, new() { ["maxDepth"] = 2.0, ["iterations"] = 1.0 }, s_mixed);
        Assert.Equal(7, shallow.Nodes.Length);
    }

    [Fact]
    public void Early_stopping_keeps_the_trees_up_to_the_best_iteration()
    {
        var (train, validation) = (TreeRows.Mixed(400, 2, seed: 5), TreeRows.Mixed(400, 2, seed: 6));
        var parameters = new Dictionary<string, object> { ["iterations"] = 500.0, ["learningRate"] = 0.5, ["patience"] = 5.0, ["minRowsPerLeaf"] = 2.0 };
        var model = train.Fit(2, parameters, s_mixed, validation);
        Assert.InRange(model.Roots.Length, 1, 100);
        var losses = Enumerable.Range(1, model.Roots.Length + 5)
            .Select(iterations => LogLoss(train.Fit(2, new(parameters) { ["iterations"] = (double)iterations }, s_mixed), validation)).ToArray();
        Assert.Equal(model.Roots.Length, Array.IndexOf(losses, losses.Min()) + 1);
        Assert.Equal(500, train.Fit(2, new(parameters) { ["patience"] = 0.0 }, s_mixed, validation).Roots.Length);
    }

    [Fact]
    public void Balanced_classes_weigh_the_same()
    {
        var rows = TreeRows.Of([.. Enumerable.Repeat(0.0, 95), .. Enumerable.Repeat(1.0, 5)], [.. Enumerable.Repeat(0.0, 90), .. Enumerable.Repeat(1.0, 10)]);
        Assert.Equal(0.1, rows.Fit(2, new() { ["iterations"] = 1.0, ["minRowsPerLeaf"] = 50.0 }).Predict(0)[1], 1e-9);
        Assert.Equal(0.5, rows.Fit(2, new() { ["iterations"] = 1.0, ["minRowsPerLeaf"] = 50.0, ["classWeight"] = "balanced" }).Predict(0)[1], 1e-9);
    }

    [Fact]
    public void Draws_of_rows_and_features_are_the_same_for_a_seed()
    {
        var rows = TreeRows.Mixed(1000, 3);
        var parameters = new Dictionary<string, object> { ["rowFraction"] = 0.5, ["featureFraction"] = 0.5, ["iterations"] = 10.0 };
        var first = rows.Fit(3, parameters, s_mixed, seed: 7).PredictAll(rows);
        Assert.Equal(first, rows.Fit(3, parameters, s_mixed, seed: 7, threads: 3).PredictAll(rows));
        Assert.NotEqual(first, rows.Fit(3, parameters, s_mixed, seed: 8).PredictAll(rows));
        Assert.True(Accuracy(rows.Fit(3, new(parameters) { ["iterations"] = 60.0 }, s_mixed), rows) > 0.85);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    public void Threads_change_no_bit(int classes)
    {
        var rows = TreeRows.Mixed(30_000, classes, isWeighted: true);
        var one = rows.Fit(classes, new() { ["iterations"] = 5.0 }, s_mixed);
        foreach (var threads in new[] { 2, 5 })
            Assert.Equal(one.Nodes.AsEnumerable(), rows.Fit(classes, new() { ["iterations"] = 5.0 }, s_mixed, threads: threads).Nodes);
    }

    [Fact]
    public void It_says_how_far_it_is_and_what_it_has_reached()
    {
        var reports = new List<TrainingProgress>();
        var (train, validation) = (TreeRows.Mixed(500, 2), TreeRows.Mixed(500, 2, seed: 2));
        TreeRows.Trainer(3, 2, new() { ["iterations"] = 30.0, ["patience"] = 0.0 }, s_mixed).Fit(train, validation, new Heard(reports), default);
        var last = reports[^1];
        Assert.Equal((1, 30), (last.Fraction, last.Iteration));
        Assert.InRange(last.TrainLoss!.Value, 0.01, 0.4);
        Assert.InRange(last.ValidationLoss!.Value, last.TrainLoss.Value, 0.6);
    }

    [Fact]
    public void It_stops_within_an_iteration()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => TreeRows.Trainer(3, 2).Fit(TreeRows.Mixed(100, 2), null, null, source.Token));
        using var later = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => TreeRows.Trainer(3, 0, new() { ["loss"] = "absolute", ["iterations"] = 10_000.0 })
            .Fit(TreeRows.Mixed(20_000, 0), null, new Stopping(later), later.Token));
    }

    private static TrainingRows Codes(Func<int, double> target, double? missing = null)
    {
        var codes = Enumerable.Range(0, 6).SelectMany(code => Enumerable.Repeat((double)code, 12 + code)).ToArray();
        var rows = missing is null ? codes : [.. codes, .. Enumerable.Repeat(double.NaN, 30)];
        return TreeRows.Of(rows, [.. rows.Select(code => double.IsNaN(code) ? missing!.Value : target((int)code))]);
    }

    private static int Leaf(BoostedTreesModel model, int node, ReadOnlySpan<double> x)
    {
        while (!model.Nodes[node].IsLeaf)
        {
            var test = model.Nodes[node];
            var value = (float)x[test.Feature];
            var left = test.Categories >= 0 ? model.GoesLeft(test, float.IsNaN(value) ? -1 : (int)value) : float.IsNaN(value) ? test.MissingLeft : value <= test.Threshold;
            node = left ? test.Left : test.Left + 1;
        }

        return node;
    }

    private static double LogLoss(BoostedTreesModel model, TrainingRows rows)
        => Enumerable.Range(0, rows.Count).Average(row => -Math.Log(model.Predict(rows[row].Dense.ToArray())[(int)rows.Targets[row]]));

    private static double Accuracy(BoostedTreesModel model, TrainingRows rows)
        => Enumerable.Range(0, rows.Count).Average(row => model.PredictOne(rows[row]) == rows.Targets[row] ? 1.0 : 0);

    private sealed class Heard(List<TrainingProgress> reports) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => reports.Add(value);
    }

    private sealed class Stopping(CancellationTokenSource source) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => source.Cancel();
    }
}
