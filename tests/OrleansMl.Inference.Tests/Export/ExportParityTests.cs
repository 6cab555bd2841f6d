using FsCheck;
using FsCheck.Fluent;
using OrleansMl.Learning;

namespace OrleansMl.Inference.Tests.Export;

/// <summary>The exported models answer in ONNX Runtime as the C# pipeline and learner do, to 1e-5.</summary>
public sealed class ExportParityTests
{
    private static readonly ImputeSpec _imputeMean = new(ColumnSelector.Numeric, ImputeStrategy.Mean);

    public static TheoryData<string> Stages => [.. Specs.Keys];

    private static Dictionary<string, (string[] Columns, PipelineSpec Spec)> Specs { get; } = new()
    {
        ["nothing, missing numbers are 0"] = (["x", "y"], new()),
        ["impute mean"] = (["x", "y"], new(_imputeMean)),
        ["impute median of one"] = (["x", "y"], new(new ImputeSpec(ColumnSelector.Of("y"), ImputeStrategy.Median))),
        ["impute most_frequent of texts"] = (["x", "t"], new(new ImputeSpec(ColumnSelector.All, ImputeStrategy.MostFrequent), new OneHotSpec(ColumnSelector.Of("t")))),
        ["impute constant of texts"] = (["t"], new(new ImputeSpec(ColumnSelector.All, ImputeStrategy.Constant, "b"), new OneHotSpec(ColumnSelector.All))),
        ["standard_scale"] = (["x", "y"], new(_imputeMean, new StandardScaleSpec(ColumnSelector.Numeric))),
        ["standard_scale of one, missing stays missing"] = (["x", "y"], new(new StandardScaleSpec(ColumnSelector.Of("x")))),
        ["min_max_scale"] = (["x", "y"], new(_imputeMean, new MinMaxScaleSpec(ColumnSelector.Numeric))),
        ["one_hot of texts, learned"] = (["t", "x", "t2"], new(_imputeMean, new OneHotSpec(ColumnSelector.Categorical))),
        ["one_hot of texts, given"] = (["t", "x"], new(_imputeMean, new OneHotSpec(ColumnSelector.Of("t"), ["Ünïcode", "a", "not there"]))),
        ["one_hot of numbers"] = (["x", "d", "y"], new(_imputeMean, new OneHotSpec(ColumnSelector.Of("d"), [1.0, 2.0, 0.1]), new StandardScaleSpec(ColumnSelector.Numeric))),
        ["ordinal of texts, learned"] = (["t", "x", "t2"], new(_imputeMean, new OrdinalSpec(ColumnSelector.Categorical))),
        ["ordinal of texts, given"] = (["x", "t"], new(_imputeMean, new OrdinalSpec(ColumnSelector.Of("t"), ["Ünïcode", "a", "not there"]))),
        ["ordinal of numbers, then filled"] = (["x", "d", "y"], new(_imputeMean, new OrdinalSpec(ColumnSelector.Of("d"), [2.0, 0.1]), new ImputeSpec(ColumnSelector.All, ImputeStrategy.MostFrequent), new StandardScaleSpec(ColumnSelector.All))),
        ["ordinal, then one_hot of its codes"] = (["t", "x"], new(new OrdinalSpec(ColumnSelector.Of("t")), new OneHotSpec(ColumnSelector.Of("t"), [0.0, 2.0]))),
        ["log with clamped rows"] = (["x", "y"], new(_imputeMean, new LogSpec(ColumnSelector.Of("x")))),
        ["log of all"] = (["x", "y"], new(new LogSpec(ColumnSelector.All, 2))),
        ["clip both"] = (["x", "y"], new(_imputeMean, new ClipSpec(ColumnSelector.All, -0.5, 0.75))),
        ["clip one, open"] = (["x", "y"], new(new ClipSpec(ColumnSelector.Of("y"), null, 0.25))),
        ["cross of numbers"] = (["x", "y"], new(_imputeMean, new CrossSpec(ColumnSelector.Of("y", "x")), new StandardScaleSpec(ColumnSelector.Numeric))),
        ["cross with an indicator"] = (["x", "d"], new(new OneHotSpec(ColumnSelector.Of("d"), [1.0, 2.0]), new CrossSpec(ColumnSelector.Of("d=2", "x")))),
        ["cross of texts, one_hot"] = (["t", "t2"], new(new CrossSpec(ColumnSelector.All), new OneHotSpec(ColumnSelector.All))),
        ["cross of texts and numbers, hash"] = (["t", "d", "x"], new(_imputeMean, new CrossSpec(ColumnSelector.Of("t", "d")), new HashSpec(ColumnSelector.Categorical, 10))),
        ["cross, imputed"] = (["t", "t2"], new(new CrossSpec(ColumnSelector.All), new ImputeSpec(ColumnSelector.All, ImputeStrategy.Constant, "none"), new HashSpec(ColumnSelector.All, 24))),
        ["hash of texts"] = (["t", "t2", "x"], new(new HashSpec(ColumnSelector.Categorical, 18))),
        ["hash of all"] = (["t", "d", "x"], new(new HashSpec(ColumnSelector.All, 12))),
        ["kmeans"] = (["x", "y"], new(_imputeMean, new StandardScaleSpec(ColumnSelector.Numeric), new KMeansSpec(ColumnSelector.Numeric, 4))),
        ["kmeans, missing stays missing"] = (["x", "d", "y"], new(new KMeansSpec(ColumnSelector.Of("y", "x"), 3), new StandardScaleSpec(ColumnSelector.Of("kmeans_1")))),
        ["pca of all"] = (["x", "y"], new(_imputeMean, new PcaSpec(ColumnSelector.All, 2, null))),
        ["pca of some, missing stays missing"] = (["x", "t", "y", "z"], new(new OneHotSpec(ColumnSelector.Of("t")), new PcaSpec(ColumnSelector.Of("z", "x"), null, 0.6))),
        ["pca of distances, hash"] = (["x", "t", "y"], new(_imputeMean, new KMeansSpec(ColumnSelector.Numeric, 3), new PcaSpec(ColumnSelector.Of("kmeans_0", "kmeans_1", "kmeans_2"), 2, null), new HashSpec(ColumnSelector.Categorical, 10))),
        ["hash of a scaled number"] = (["d", "x"], new(new CrossSpec(ColumnSelector.All), new HashSpec(ColumnSelector.Of("d"), 8), new StandardScaleSpec(ColumnSelector.All))),
    };

    [Theory]
    [MemberData(nameof(Stages))]
    public void A_stage_gives_the_same_in_the_full_and_in_the_core_graph(string stage)
    {
        var (columns, spec) = Specs[stage];
        foreach (var type in new[] { "logistic_regression", "linear_regression" })
            new ExportCase(11, columns, spec, type, Mixed, type == "logistic_regression" ? ["NO", "YES"] : null).AssertParity();
    }

    [Fact]
    public void Any_chain_of_stages_gives_the_same()
    {
        var stage = Gen.Elements<StageSpec>(
            _imputeMean,
            new StandardScaleSpec(ColumnSelector.Numeric),
            new MinMaxScaleSpec(ColumnSelector.Numeric),
            new LogSpec(ColumnSelector.Numeric, 5),
            new ClipSpec(ColumnSelector.Numeric, -1, 2),
            new KMeansSpec(ColumnSelector.Of("x", "d"), 3),
            new ImputeSpec(ColumnSelector.Categorical, ImputeStrategy.MostFrequent));
        var chain = from before in stage.ListOf(3)
                    from ending in Gen.Elements<StageSpec>(new OneHotSpec(ColumnSelector.Of("t")), new HashSpec(ColumnSelector.Of("t"), 14))
                    from after in stage.ListOf(2)
                    from seed in Gen.Choose(0, 1_000_000)
                    select (Spec: new PipelineSpec(OnceClustered([.. before, ending, .. after])), seed);
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(40).WithReplay(7, 11),
            Prop.ForAll(chain.ToArbitrary(), drawn => new ExportCase(drawn.seed, ["x", "t", "d"], drawn.Spec, number: Mixed).AssertParity()));
    }

    /// <summary>Two kmeans of one prefix would make the same columns.</summary>
    private static IEnumerable<StageSpec> OnceClustered(StageSpec[] stages)
        => stages.Where((stage, i) => stage is not KMeansSpec || !stages[..i].OfType<KMeansSpec>().Any());

    [Fact]
    public void Large_means_keep_their_digits()
    {
        var wide = new ExportCase(
            3,
            ["x", "y"],
            new(new StandardScaleSpec(ColumnSelector.All)),
            number: (random, column) => column == "x" ? 10_000_000 + random.Next(-20, 20) : random.NextSingle());
        wide.AssertParity();
    }

    [Fact]
    public void A_column_constant_in_training_gives_the_same_at_its_first_change()
    {
        var trained = false;
        var changing = new ExportCase(
            5,
            ["x", "y"],
            new(new StandardScaleSpec(ColumnSelector.All)),
            number: (random, column) => column == "y" ? (trained ? (float)(0.003467 + random.Next(2)) : 0.003467) : random.NextSingle());
        trained = true;
        changing.AssertParity();
    }

    [Fact]
    public void Infinite_numbers_count_as_missing()
    {
        var plain = new ExportCase(1, ["x", "y"], new(_imputeMean));
        plain.AssertParity([new Row([double.PositiveInfinity, 1], []), new Row([0.5, double.NegativeInfinity], [])]);
    }

    /// <summary>x and y normal, d among few values; every eighth missing.</summary>
    private static double Mixed(Random random, string column)
    {
        if (random.Next(8) == 0)
            return double.NaN;
        return column == "d" ? new[] { 1, 2, 3, 0.1f, 1e-7f, 12345678, 1e10f, -2.5f }[random.Next(8)] : (random.NextSingle() * 4) - 2;
    }
}
