namespace OrleansMl.Learning.Tests.Training;

/// <summary>Rows that cannot be learned from are refused with what is wrong and what to do.</summary>
public sealed class BoostedTreesRefusalTests
{
    public static TheoryData<string, int, double[], double[], double[]?> Refused => new()
    {
        { "gradient_boosted_trees has no rows to learn from; widen the window", 2, [], [], null },
        { "All 3 rows are of class 1, and gradient_boosted_trees tells classes apart", 2, [1, 2, 3], [1, 1, 1], null },
        { "All 1 columns are constant in the 3 training rows", 0, [7, 7, 7], [1, 2, 3], null },
        { "All 1 columns are constant", 0, [double.NaN, double.NaN, double.NaN], [1, 2, 3], null },
        { "gradient_boosted_trees cannot learn row 1 of 3: its target is NaN, and a value must be finite", 0, [1, 2, 3], [1, double.NaN, 3], null },
        { "cannot learn row 2 of 3: its target is 0.5, and a class is a whole number from 0 to 1", 2, [1, 2, 3], [0, 1, 0.5], null },
        { "cannot learn row 0 of 3: its target is 3, and a class is a whole number from 0 to 2", 3, [1, 2, 3], [3, 1, 0], null },
        { "cannot learn row 1 of 3: its importance weight is 0", 0, [1, 2, 3], [1, 2, 3], [1, 0, 1] },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Rows_that_tell_nothing_are_refused(string message, int classes, double[] dense, double[] targets, double[]? weights)
    {
        var rows = TreeRows.Of(dense, targets, weights);
        Assert.Contains(message, Assert.Throws<LearnerException>(() => TreeRows.Trainer(1, classes).Fit(rows, null, null, default)).Message);
    }

    [Fact]
    public void Counts_below_0_or_all_0_are_refused()
    {
        var poisson = new Dictionary<string, object> { ["loss"] = "poisson" };
        Assert.Contains("row 1 of 2 with loss: poisson: its target is -1, and a count must be at least 0", Assert.Throws<LearnerException>(() => TreeRows.Of([1, 2], [1, -1]).Fit(0, poisson)).Message);
        Assert.Contains("All 2 training rows count 0", Assert.Throws<LearnerException>(() => TreeRows.Of([1, 2], [0, 0]).Fit(0, poisson)).Message);
    }

    [Fact]
    public void Hashed_features_are_refused_with_what_to_use_instead()
    {
        var trainer = TrainerFactory.Create("gradient_boosted_trees", null, new TrainerShape(new LearnerShape(1, 4, 1, 2), []), 1);
        var refusal = Assert.Throws<LearnerException>(() => trainer.Fit(new TrainingRows(2, [1, 2], [3, 4], [1, 1], [0, 1]), null, null, default));
        Assert.Contains("takes no hashed features, and these rows have 1", refusal.Message);
        Assert.Contains("use ordinal or one_hot instead of hash", refusal.Message);
    }

    [Fact]
    public void Validation_rows_are_asked_the_same()
    {
        var rows = TreeRows.Mixed(100, 2);
        Assert.Contains("validation of gradient_boosted_trees cannot learn row 0 of 1: its target is NaN", Assert.Throws<LearnerException>(() => rows.Fit(2, validation: TreeRows.Of([1, 2, 3], [double.NaN]))).Message);
        Assert.Contains("The rows hold 1 dense and 0 hashed features, and validation of gradient_boosted_trees was made for 3", Assert.Throws<LearnerException>(() => rows.Fit(2, validation: TreeRows.Of([1], [1]))).Message);
    }

    [Fact]
    public void Histograms_that_would_not_fit_are_refused()
    {
        var random = new Random(1);
        var rows = TreeRows.Of([.. Enumerable.Range(0, 300 * 150).Select(_ => random.NextDouble())], [.. Enumerable.Range(0, 300).Select(row => (double)(row % 2))]);
        Assert.Contains("lower maxLeaves or maxBins", Assert.Throws<LearnerException>(() => rows.Fit(2, new() { ["maxLeaves"] = 1024.0 })).Message);
    }

    [Theory]
    [InlineData("maxBins", 256.0, "must be a whole number in [2, 255]")]
    [InlineData("rowFraction", 0.0, "must be a number in (0, 1]")]
    [InlineData("loss", "squared", "no parameter 'loss'")]
    [InlineData("classWeight", "heavy", "one of none, balanced")]
    public void Parameters_beyond_their_limits_are_refused(string name, object value, string message)
        => Assert.Contains(message, Assert.Throws<LearnerException>(() => TreeRows.Trainer(1, 2, new() { [name] = value })).Message);
}
