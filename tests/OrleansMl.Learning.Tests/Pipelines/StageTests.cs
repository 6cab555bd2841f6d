namespace OrleansMl.Learning.Tests.Pipelines;

public sealed class StageTests
{
    [Theory]
    [InlineData(ImputeStrategy.Mean, 3.75)]
    [InlineData(ImputeStrategy.Median, 2.5)]
    [InlineData(ImputeStrategy.MostFrequent, 2)]
    [InlineData(ImputeStrategy.Constant, -1)]
    public void Impute_fills_a_missing_number(ImputeStrategy strategy, double expected)
    {
        var pipeline = Fit(["x"], Tables.Numbers(2, double.NaN, 2, 8, 3), new ImputeSpec(ColumnSelector.All, strategy, -1.0));
        Assert.Equal([expected], pipeline.Dense(new Row([double.NaN], [])));
        Assert.Equal([7.0], pipeline.Dense(new Row([7], [])));
    }

    [Fact]
    public void Impute_most_frequent_fills_a_text_and_ties_go_to_the_smallest()
    {
        var pipeline = Fit(["t"], Tables.Texts("b", "a", null, "b", "a", ""), new ImputeSpec(ColumnSelector.All, ImputeStrategy.MostFrequent), new OneHotSpec(ColumnSelector.All));
        Assert.Equal(["t=a", "t=b"], pipeline.DenseNames.AsEnumerable());
        Assert.Equal([1.0, 0.0], pipeline.Dense(new Row([], [null])));
        Assert.Equal([1.0, 0.0], pipeline.Dense(new Row([], [""])));
    }

    [Fact]
    public void Standard_scale_gives_mean_0_and_deviation_1()
    {
        var pipeline = Fit(["x"], Tables.Numbers(1, 3, double.NaN), new StandardScaleSpec(ColumnSelector.Numeric));
        Assert.Equal([-1.0], pipeline.Dense(new Row([1], [])));
        Assert.Equal([3.0], pipeline.Dense(new Row([5], [])));
        Assert.Equal([0.0], pipeline.Dense(new Row([double.NaN], [])));
    }

    [Fact]
    public void A_constant_column_is_exactly_0_until_it_really_changes()
    {
        // The sum of a thousand of these is not a thousand times one of them.
        var rows = Tables.Numbers([.. Enumerable.Repeat(0.003467, 1000)]);
        var pipeline = Fit(["x"], rows, new ImputeSpec(ColumnSelector.All, ImputeStrategy.Mean), new StandardScaleSpec(ColumnSelector.Numeric));
        Assert.Equal([0.0], pipeline.Dense(rows[0]));
        Assert.Equal([0.0], pipeline.Dense(new Row([double.NaN], [])));
        Assert.Equal(0.5, Assert.Single(pipeline.Dense(new Row([0.503467], []))), 12);
        Assert.Contains("column 'x' is constant", Assert.Single(pipeline.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_nearly_constant_column_of_large_mean_counts_as_constant()
    {
        var pipeline = Fit(["x"], Tables.Numbers(1e9, 1e9 + 0.5, 1e9 - 0.5), new StandardScaleSpec(ColumnSelector.Numeric));
        Assert.Equal([0.0], pipeline.Dense(new Row([1e9 + 0.5], [])));
        Assert.Single(pipeline.Warnings);
    }

    [Fact]
    public void Min_max_scale_maps_the_training_range_to_0_and_1()
    {
        var pipeline = Fit(["x"], Tables.Numbers(2, 6), new MinMaxScaleSpec(ColumnSelector.Numeric));
        Assert.Equal([0.25], pipeline.Dense(new Row([3], [])));
        Assert.Equal([2.0], pipeline.Dense(new Row([10], [])));
    }

    [Fact]
    public void One_hot_of_numbers_keeps_the_place_and_knows_no_unknown()
    {
        var pipeline = Fit(["x", "day", "y"], [new Row([1, 2, 3], [])], new OneHotSpec(ColumnSelector.Of("day"), [1.0, 2.0, "3"]));
        Assert.Equal(["x", "day=1", "day=2", "day=3", "y"], pipeline.DenseNames.AsEnumerable());
        Assert.Equal([5, 0, 0, 1, 6], pipeline.Dense(new Row([5, 3, 6], [])));
        Assert.Equal([5, 0, 0, 0, 6], pipeline.Dense(new Row([5, 4, 6], [])));
        Assert.Equal([5, 0, 0, 0, 6], pipeline.Dense(new Row([5, double.NaN, 6], [])));
    }

    [Fact]
    public void Indicators_are_not_numeric_for_a_later_stage()
    {
        var pipeline = Fit(["x", "d"], [new Row([1, 1], []), new Row([3, 2], [])], new OneHotSpec(ColumnSelector.Of("d")), new StandardScaleSpec(ColumnSelector.Numeric));
        Assert.Equal([-1, 1, 0], pipeline.Dense(new Row([1, 1], [])));
    }

    [Fact]
    public void Log_takes_values_below_its_domain_as_the_smallest_seen()
    {
        var pipeline = Fit(["x"], Tables.Numbers(-5, 0, Math.E - 1), new LogSpec(ColumnSelector.All, 1));
        Assert.Equal(1, Assert.Single(pipeline.Dense(new Row([Math.E - 1], []))), 15);
        Assert.Equal([0.0], pipeline.Dense(new Row([-1e9], [])));
        Assert.Contains("1 training rows where x + offset ≤ 0", Assert.Single(pipeline.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Clip_limits_both_sides_and_leaves_missing_alone()
    {
        var pipeline = Fit(["x"], Tables.Numbers(0), new ClipSpec(ColumnSelector.All, -1, 1), new ImputeSpec(ColumnSelector.All, ImputeStrategy.Constant, 9.0));
        Assert.Equal([-1.0], pipeline.Dense(new Row([-7], [])));
        Assert.Equal([1.0], pipeline.Dense(new Row([7], [])));
        Assert.Equal([9.0], pipeline.Dense(new Row([double.NaN], [])));
    }

    [Fact]
    public void A_cross_of_numbers_is_their_product()
    {
        var pipeline = Fit(["x", "y"], [new Row([1, 1], [])], new CrossSpec(ColumnSelector.Of("x", "y")));
        Assert.Equal(["x", "y", "x*y"], pipeline.DenseNames.AsEnumerable());
        Assert.Equal([3, 4, 12], pipeline.Dense(new Row([3, 4], [])));
        Assert.Equal([3, 0, 0], pipeline.Dense(new Row([3, double.NaN], [])));
        Assert.True(pipeline.Portable);
    }

    [Fact]
    public void A_cross_with_a_text_joins_the_values()
    {
        var pipeline = Fit(["t", "x"], [new Row([0.5], ["a"])], new CrossSpec(ColumnSelector.All), new OneHotSpec(ColumnSelector.Of("t*x"), ["a\u001f0.5"]), new HashSpec(ColumnSelector.Of("t"), 4));
        Assert.Equal(["x", "t*x=a\u001f0.5"], pipeline.DenseNames.AsEnumerable());
        Assert.Equal([0.5, 1], pipeline.Dense(new Row([0.5], ["a"])));
        Assert.Equal([0.5, 0], pipeline.Dense(new Row([0.5], [null])));
        Assert.False(pipeline.Portable);
    }

    /// <summary>Reference hashes of MurmurHash3_x86_32, from its author's code.</summary>
    [Theory]
    [InlineData("", 0u, 0u)]
    [InlineData("", 1u, 0x514E28B7u)]
    [InlineData("test", 0u, 0xba6bd213u)]
    [InlineData("Hello, world!", 0u, 0xc0363e43u)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0u, 0x2e4ff723u)]
    public void Murmur_hashes_are_those_of_the_reference(string text, uint seed, uint expected)
        => Assert.Equal(expected, MurmurHash3.Hash(System.Text.Encoding.UTF8.GetBytes(text), seed));

    [Fact]
    public void Hash_places_name_and_value_and_gives_missing_no_weight()
    {
        var pipeline = Fit(["t", "x"], [new Row([1], ["a"])], new HashSpec(ColumnSelector.All, 10));
        Assert.Equal((0, 2, 10), (pipeline.DenseCount, pipeline.HashedCount, pipeline.HashBits));
        var (indices, values) = pipeline.Hashed(new Row([0.25], ["Ünïcode"]));
        Assert.Equal([Place("t=Ünïcode", 10), Place("x=0.25", 10)], indices);
        Assert.Equal([1, 1], values);
        Assert.Equal([0, 0], pipeline.Hashed(new Row([double.NaN], [null])).Values);
    }

    [Fact]
    public void Long_texts_are_hashed_whole()
    {
        var pipeline = Fit(["t"], Tables.Texts("a"), new HashSpec(ColumnSelector.All, 24));
        var text = new string('ü', 5000) + "1";
        Assert.Equal([Place("t=" + text, 24)], pipeline.Hashed(new Row([], [text])).Indices);
    }

    private static int Place(string key, int bits) => (int)(MurmurHash3.Hash(System.Text.Encoding.UTF8.GetBytes(key)) & ((1u << bits) - 1));

    private static FittedPipeline Fit(string[] columns, Row[] rows, params StageSpec[] stages)
        => FittedPipeline.Fit(new PipelineSpec(stages), Tables.Schema(columns), rows);
}
