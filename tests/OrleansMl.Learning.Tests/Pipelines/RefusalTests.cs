namespace OrleansMl.Learning.Tests.Pipelines;

public sealed class RefusalTests
{
    public static TheoryData<string, StageSpec[]> Refused { get; } = new()
    {
        { "'t' is still categorical after the last stage; add one_hot, ordinal or hash", [] },
        { "column 'nope': there is no such column at this stage (columns: x, t)", [new OneHotSpec(ColumnSelector.Of("nope"))] },
        { "column 'x': the column is named twice", [new ClipSpec(ColumnSelector.Of("x", "x"), 0, 1)] },
        { "column 't': the column is categorical and has no mean; use most_frequent or constant", [new ImputeSpec(ColumnSelector.All, ImputeStrategy.Mean)] },
        { "column 't': the column is categorical and the stage takes numbers", [new StandardScaleSpec(ColumnSelector.All)] },
        { "column 'x': the column is numeric, so the constant must be a finite number", [new ImputeSpec(ColumnSelector.Of("x"), ImputeStrategy.Constant, "a")] },
        { "column 'x': the column is numeric, so category 'b' must be a finite number", [new OneHotSpec(ColumnSelector.Of("x"), ["b"])] },
        { "column 'x': x + -100 is positive for no training row; raise offset", [new LogSpec(ColumnSelector.Of("x"), -100)] },
        { "min is 2 and max 1", [new ClipSpec(ColumnSelector.Of("x"), 2, 1)] },
        { "min is open and max open", [new ClipSpec(ColumnSelector.Of("x"), null, null)] },
        { "bits is 25; it must be 1–24", [new HashSpec(ColumnSelector.All, 25)] },
        { "bits is 9, but an earlier hash stage has 8", [new HashSpec(ColumnSelector.Of("x"), 8), new HashSpec(ColumnSelector.Of("t"), 9)] },
        { "a cross takes at least two columns; 1 selected", [new CrossSpec(ColumnSelector.Numeric)] },
        { "stage 2 (cross), column 'x*t': the stage makes a column of a name that stands already", [new CrossSpec(ColumnSelector.Of("x", "t")), new CrossSpec(ColumnSelector.Of("x", "t"))] },
        { "column 't': a category is given twice", [new OneHotSpec(ColumnSelector.Of("t"), ["a", "a"])] },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_pipeline_that_does_not_fit_names_stage_column_and_remedy(string message, StageSpec[] stages)
    {
        var refusal = Assert.Throws<PipelineException>(() => FittedPipeline.Fit(new PipelineSpec(stages), Tables.Schema("x", "t"), [new Row([1], ["a"]), new Row([2], ["b"])]));
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_many_learned_categories_are_refused()
    {
        var rows = Tables.Numbers([.. Enumerable.Range(0, 1001).Select(value => (double)value)]);
        var refusal = Assert.Throws<PipelineException>(() => FittedPipeline.Fit(new PipelineSpec(new OneHotSpec(ColumnSelector.All)), Tables.Schema("x"), rows));
        Assert.Contains("1001 distinct values, over the limit of 1000; use hash", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_of_another_width_is_refused()
    {
        var pipeline = FittedPipeline.Fit(new PipelineSpec(), Tables.Schema("x"), Tables.Numbers(1));
        Assert.Throws<ArgumentException>(() => pipeline.Dense(new Row([1, 2], [])));
        Assert.Throws<PipelineException>(() => FittedPipeline.Fit(new PipelineSpec(), Tables.Schema("x"), [new Row([], [])]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""{"version":2,"columns":[],"stages":[],"warnings":[]}""")]
    [InlineData("""{"version":1,"columns":[{"name":"x","kind":"colour"}],"stages":[],"warnings":[]}""")]
    [InlineData("""{"version":1,"columns":[{"name":"x","kind":"numeric"}],"stages":[{"stage":"guess"}],"warnings":[]}""")]
    [InlineData("""{"version":1,"columns":[{"name":"x","kind":"numeric"}],"stages":[{"stage":"clip","columns":["y"],"min":0,"max":1}],"warnings":[]}""")]
    [InlineData("""{"version":1,"columns":[{"name":"x","kind":"numeric"},{"name":"x","kind":"numeric"}],"stages":[],"warnings":[]}""")]
    [InlineData("""{"version":1,"columns":[{"name":"x","kind":"numeric"}],"stages":[{"stage":"standard_scale","scales":[{"column":"x","center":1e999,"scale":1,"tolerance":0}]}],"warnings":[]}""")]
    [InlineData("""{"version":1,"columns":[{"name":"x","kind":"numeric"}],"stages":[{"stage":"standard_scale","scales":[{"column":"x","center":0,"scale":0,"tolerance":0}]}],"warnings":[]}""")]
    [InlineData("""{"version":1,"columns":[{"name":"x","kind":"numeric"}],"stages":[{"stage":"hash","columns":["x"],"bits":40}],"warnings":[]}""")]
    [InlineData("""{"version":1,"columns":[{"name":"x","kind":"numeric"}],"stages":[{"stage":"cross","columns":[],"output":"y","text":false}],"warnings":[]}""")]
    [InlineData("""{"version":1,"columns":[{"name":"x","kind":"numeric"}],"stages":[{"stage":"one_hot","categories":[{"column":"x","numbers":[],"texts":[]}]}],"warnings":[]}""")]
    public void Text_that_is_no_pipeline_is_refused(string json)
        => Assert.Throws<PipelineException>(() => FittedPipeline.FromJson(json));
}
