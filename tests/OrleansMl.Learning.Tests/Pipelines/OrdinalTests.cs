namespace OrleansMl.Learning.Tests.Pipelines;

public sealed class OrdinalTests
{
    [Fact]
    public void Texts_become_codes_in_sorted_order_and_what_is_unknown_is_missing()
    {
        var pipeline = Fit(true, ["t", "x"], [new Row([1], ["b"]), new Row([2], ["a"]), new Row([3], [null])], new OrdinalSpec(ColumnSelector.Categorical));
        Assert.Equal(["t", "x"], pipeline.DenseNames.AsEnumerable());
        Assert.Equal([2, 0], pipeline.DenseCategories.AsEnumerable());
        Assert.Equal([1, 5], pipeline.Dense(new Row([5], ["b"])));
        Assert.Equal([0, 5], pipeline.Dense(new Row([5], ["a"])));
        foreach (var none in new[] { null, "", "c" })
            Assert.Equal([double.NaN, 5], pipeline.Dense(new Row([5], [none])));
    }

    [Fact]
    public void Given_categories_keep_their_order()
    {
        var pipeline = Fit(true, ["t"], Tables.Texts("small"), new OrdinalSpec(ColumnSelector.Categorical, ["small", "medium", "large"]));
        Assert.Equal([1.0], pipeline.Dense(new Row([], ["medium"])));
        Assert.Equal([2.0], pipeline.Dense(new Row([], ["large"])));
    }

    [Fact]
    public void Numbers_are_compared_as_32_bit_floats()
    {
        var pipeline = Fit(true, ["d"], Tables.Numbers(7, 0.1, 7), new OrdinalSpec(ColumnSelector.All));
        Assert.Equal([0.0], pipeline.Dense(new Row([(float)0.1], [])));
        Assert.Equal([1.0], pipeline.Dense(new Row([7], [])));
        Assert.Equal([double.NaN], pipeline.Dense(new Row([8], [])));
    }

    [Fact]
    public void Codes_are_not_numeric_for_a_later_stage()
    {
        var pipeline = Fit(false, ["x", "t"], [new Row([1], ["a"]), new Row([3], ["b"])], new OrdinalSpec(ColumnSelector.Categorical), new StandardScaleSpec(ColumnSelector.Numeric));
        Assert.Equal([1, 1], pipeline.Dense(new Row([3], ["b"])));
        Assert.Equal([0, 2], pipeline.DenseCategories.AsEnumerable());
    }

    [Fact]
    public void A_stage_that_computes_codes_anew_makes_them_numbers()
    {
        Row[] rows = [new Row([], ["a"]), new Row([], ["b"]), new Row([], ["b"])];
        Assert.Equal([0], Fit(true, ["t"], rows, new OrdinalSpec(ColumnSelector.All), new StandardScaleSpec(ColumnSelector.All)).DenseCategories.AsEnumerable());
        Assert.Equal([0], Fit(true, ["t"], rows, new OrdinalSpec(ColumnSelector.All), new ClipSpec(ColumnSelector.All, 0, 1)).DenseCategories.AsEnumerable());
        Assert.Equal([0], Fit(true, ["t"], rows, new OrdinalSpec(ColumnSelector.All), new LogSpec(ColumnSelector.All)).DenseCategories.AsEnumerable());
        Assert.Equal([0], Fit(true, ["t"], rows, new OrdinalSpec(ColumnSelector.All), new ImputeSpec(ColumnSelector.All, ImputeStrategy.Mean)).DenseCategories.AsEnumerable());
        Assert.Equal([2], Fit(true, ["t"], rows, new OrdinalSpec(ColumnSelector.All), new ImputeSpec(ColumnSelector.All, ImputeStrategy.MostFrequent)).DenseCategories.AsEnumerable());
    }

    [Fact]
    public void Missing_values_are_0_unless_the_pipeline_keeps_them()
    {
        Assert.Equal([0.0], Fit(false, ["x"], Tables.Numbers(1, 2)).Dense(new Row([double.NaN], [])));
        foreach (var missing in new[] { double.NaN, double.PositiveInfinity })
            Assert.Equal([double.NaN], Fit(true, ["x"], Tables.Numbers(1, 2)).Dense(new Row([missing], [])));
    }

    [Fact]
    public void Read_back_it_keeps_codes_and_missing_values()
    {
        var pipeline = Fit(true, ["t", "d"], [new Row([3], ["b"]), new Row([double.NaN], ["a"])], new OrdinalSpec(ColumnSelector.All));
        var back = FittedPipeline.FromJson(pipeline.ToJson());
        Assert.Equal(pipeline.ToJson(), back.ToJson());
        Assert.True(back.KeepsMissing);
        Assert.Equal(pipeline.DenseCategories.AsEnumerable(), back.DenseCategories);
        Assert.Equal([double.NaN, 0], back.Dense(new Row([3], ["zzz"])));
    }

    [Fact]
    public void A_pipeline_from_before_keeps_no_missing_values()
    {
        const string Old = """{"version":1,"columns":[{"name":"x","kind":"numeric"}],"stages":[],"warnings":[]}""";
        var pipeline = FittedPipeline.FromJson(Old);
        Assert.False(pipeline.KeepsMissing);
        Assert.Equal([0], pipeline.DenseCategories.AsEnumerable());
        Assert.Equal(Old, pipeline.ToJson());
    }

    private static FittedPipeline Fit(bool keepsMissing, string[] columns, Row[] rows, params StageSpec[] stages)
        => FittedPipeline.Fit(new PipelineSpec(stages) { KeepsMissing = keepsMissing }, Tables.Schema(columns), rows);
}
