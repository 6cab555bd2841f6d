using FsCheck;
using FsCheck.Fluent;

namespace OrleansMl.Learning.Tests.Pipelines;

public sealed class PipelinePropertyTests
{
    private static readonly Config _config = Config.QuickThrowOnFailure.WithMaxTest(100).WithReplay(5, 13);

    private static Gen<Row> Rows { get; } =
        from numbers in Gen.Frequency((6, ArbMap.Default.GeneratorFor<NormalFloat>().Select(value => Math.Clamp(value.Item, -1e12, 1e12))), (2, Gen.Choose(-3, 3).Select(value => (double)value)), (1, Gen.Constant(double.NaN))).ArrayOf(3)
        from texts in Gen.Elements<string?>(null, "", "a", "b", "ä\u001f\"\\", "<&>").ArrayOf(2)
        select new Row(numbers, texts);

    private static Gen<StageSpec> Stages { get; } = Gen.Elements<StageSpec>(
        new ImputeSpec(ColumnSelector.Numeric, ImputeStrategy.Mean),
        new ImputeSpec(ColumnSelector.Numeric, ImputeStrategy.Median),
        new ImputeSpec(ColumnSelector.All, ImputeStrategy.MostFrequent),
        new StandardScaleSpec(ColumnSelector.Numeric),
        new MinMaxScaleSpec(ColumnSelector.Numeric),
        new LogSpec(ColumnSelector.Of("x"), 1e13),
        new ClipSpec(ColumnSelector.Of("y"), -10, 0.1),
        new CrossSpec(ColumnSelector.Of("x", "y")),
        new CrossSpec(ColumnSelector.Of("t", "z")),
        new OneHotSpec(ColumnSelector.Of("t2"), ["a", "b"]),
        new OneHotSpec(ColumnSelector.Of("z"), [1.0, 2.0]),
        new OrdinalSpec(ColumnSelector.Of("t2", "z"), ["1", "2"]),
        new HashSpec(ColumnSelector.Of("y"), 12));

    private static Gen<(PipelineSpec Spec, Row[] Rows)> Cases { get; } =
        from stages in Stages.ListOf(4)
        from rows in Rows.NonEmptyListOf()
        select (new PipelineSpec([.. stages.Distinct(), new HashSpec(ColumnSelector.Categorical, 12)]), rows.ToArray());

    [Fact]
    public void A_pipeline_read_back_transforms_bit_for_bit_the_same()
        => ForEveryFit((pipeline, rows) =>
        {
            var json = pipeline.ToJson();
            var back = FittedPipeline.FromJson(json);
            Assert.Equal(json, back.ToJson());
            Assert.Equal(pipeline.DenseNames.AsEnumerable(), back.DenseNames.AsEnumerable());
            foreach (var row in rows)
            {
                Assert.Equal(Bits(pipeline.Dense(row)), Bits(back.Dense(row)));
                Assert.Equal(pipeline.Hashed(row).Indices, back.Hashed(row).Indices);
                Assert.Equal(pipeline.Hashed(row).Values, back.Hashed(row).Values);
            }
        });

    [Fact]
    public void Features_are_always_finite_and_places_inside_the_table()
        => ForEveryFit((pipeline, rows) =>
        {
            foreach (var row in rows)
            {
                Assert.All(pipeline.Dense(row), value => Assert.True(double.IsFinite(value)));
                Assert.All(pipeline.Hashed(row).Indices, index => Assert.InRange(index, 0, (1 << pipeline.HashBits) - 1));
            }
        });

    [Fact]
    public void Transforming_allocates_nothing()
    {
        var rows = new[] { new Row([1, 2, double.NaN], ["a", "some text"]), new Row([3, 4, 5], [null, "b"]) };
        var pipeline = FittedPipeline.Fit(
            new PipelineSpec(
                new ImputeSpec(ColumnSelector.All, ImputeStrategy.MostFrequent),
                new CrossSpec(ColumnSelector.Of("t", "t2", "x")),
                new OneHotSpec(ColumnSelector.Of("t", "z")),
                new StandardScaleSpec(ColumnSelector.Numeric),
                new HashSpec(ColumnSelector.Categorical)),
            Tables.Schema("x", "y", "z", "t", "t2"),
            rows);
        var room = new TransformedRow(pipeline);
        for (var i = 0; i < 100; i++)
            room.Fill(rows[i % 2]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            room.Fill(rows[i % 2]);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void ForEveryFit(Action<FittedPipeline, Row[]> check)
    {
        var fitted = 0;
        Check.One(_config, Prop.ForAll(Cases.ToArbitrary(), drawn =>
        {
            FittedPipeline pipeline;
            try
            {
                pipeline = FittedPipeline.Fit(drawn.Spec, Tables.Schema("x", "t", "y", "t2", "z"), drawn.Rows);
            }
            catch (PipelineException)
            {
                // A chain may name a column that an earlier stage took, or find no value; that is refused, not fitted.
                return;
            }

            fitted++;
            check(pipeline, drawn.Rows);
        }));
        Assert.InRange(fitted, 30, int.MaxValue);
    }

    private static long[] Bits(double[] values) => [.. values.Select(BitConverter.DoubleToInt64Bits)];
}
