using FsCheck;
using FsCheck.Fluent;

namespace OrleansMl.Learning.Tests.Pipelines;

public sealed class MultivariateStageTests
{
    private static readonly ColumnSelector _xy = ColumnSelector.Of("x", "y");

    [Fact]
    public void Distances_to_the_centres_are_added_and_the_columns_stay()
    {
        var pipeline = Fit(new KMeansSpec(_xy, 2), Points((0, 0), (0, 2), (10, 0), (10, 2)));
        Assert.Equal(["x", "y", "z", "kmeans_0", "kmeans_1"], pipeline.DenseNames.AsEnumerable());
        Assert.Equal([3, 5, 7, 5, Math.Sqrt(49 + 16)], pipeline.Dense(new Row([3, 5, 7], [])));
    }

    [Fact]
    public void Components_replace_the_columns_and_stand_last()
    {
        // Along the diagonal; what is left has no variance.
        var pipeline = Fit(new PcaSpec(_xy, 1, null), Points((1, 2), (2, 3), (3, 4)));
        Assert.Equal(["z", "pca_0"], pipeline.DenseNames.AsEnumerable());
        Assert.Equal([7, Math.Sqrt(2)], pipeline.Dense(new Row([3, 4, 7], [])).Select(value => Math.Round(value, 12)), (a, b) => Math.Abs(a - b) < 1e-12);
        var stage = Assert.IsType<PcaStage>(Assert.Single(pipeline.Stages));
        Assert.Equal(2, stage.Components.TotalVariance, 1e-12);
        Assert.Equal([2], stage.Components.Variances.Select(variance => Math.Round(variance, 12)));
    }

    [Theory]
    [InlineData(0.7, 1)]
    [InlineData(0.95, 2)]
    [InlineData(0.9999, 3)]
    public void A_share_of_the_variance_decides_how_many_components_there_are(double share, int count)
    {
        // Variances 8, 2 and 0.2 on axes of their own.
        var rows = Enumerable.Range(0, 8).Select(i => new Row([(i & 1) == 0 ? 2 : -2, (i & 2) == 0 ? 1 : -1, (i & 4) == 0 ? 0.3 : -0.3], [])).ToArray();
        var pipeline = FittedPipeline.Fit(new PipelineSpec(new PcaSpec(ColumnSelector.All, null, share)), Tables.Schema("x", "y", "z"), rows);
        Assert.Equal(count, pipeline.DenseCount);
    }

    [Fact]
    public void A_row_with_a_missing_value_is_left_out_and_has_no_result()
    {
        foreach (var spec in new StageSpec[] { new KMeansSpec(_xy, 2), new PcaSpec(_xy, 1, null) })
        {
            var (whole, holed) = (Points((0, 0), (0, 2), (10, 1)), Points((0, 0), (double.NaN, 4), (0, 2), (10, 1)));
            var pipeline = Fit(spec, holed);
            Assert.Contains("1 of 4 training rows have a missing value", Assert.Single(pipeline.Warnings), StringComparison.Ordinal);
            Assert.Equal(Fit(spec, whole).Dense(new Row([1, 2, 3], [])), pipeline.Dense(new Row([1, 2, 3], [])));
            Assert.Equal(0, pipeline.Dense(new Row([1, double.NaN, 3], []))[^1]);

            // What is missing can be imputed later.
            var filled = FittedPipeline.Fit(new PipelineSpec(spec, new ImputeSpec(ColumnSelector.Numeric, ImputeStrategy.Constant, -1.0)), Schema, whole);
            Assert.Equal(-1, filled.Dense(new Row([1, double.NaN, 3], []))[^1]);
        }
    }

    [Fact]
    public void Constant_columns_and_components_without_variance_are_told()
    {
        var rows = Points((1, 4), (2, 4), (3, 4));
        Assert.Contains("column 'y' is constant", Assert.Single(Fit(new KMeansSpec(_xy, 2), rows).Warnings), StringComparison.Ordinal);
        var pca = Fit(new PcaSpec(_xy, 2, null), rows);
        Assert.Contains(pca.Warnings, warning => warning.Contains("column 'y' is constant", StringComparison.Ordinal));
        Assert.Contains(pca.Warnings, warning => warning.Contains("1 of 2 components have no variance", StringComparison.Ordinal));
        Assert.Equal(0, pca.Dense(new Row([2, 4000, 0], []))[^1]);
    }

    [Fact]
    public void Two_stages_of_a_kind_need_two_prefixes()
    {
        var rows = Points((0, 0), (1, 2), (10, 1));
        var twice = new PipelineSpec(new KMeansSpec(_xy, 2), new KMeansSpec(ColumnSelector.Of("z", "x"), 2));
        Assert.Contains("kmeans_0", Assert.Throws<PipelineException>(() => FittedPipeline.Fit(twice, Schema, rows)).Message, StringComparison.Ordinal);
        var named = new PipelineSpec(new KMeansSpec(_xy, 2), new KMeansSpec(ColumnSelector.Of("z", "x"), 2, Prefix: "other"));
        Assert.Equal(["x", "y", "z", "kmeans_0", "kmeans_1", "other_0", "other_1"], FittedPipeline.Fit(named, Schema, rows).DenseNames.AsEnumerable());
    }

    public static TheoryData<string, StageSpec, string> Refusals => new()
    {
        { "too few distinct", new KMeansSpec(_xy, 4), "k is 4, and the 5 training rows without missing values hold fewer distinct ones" },
        { "one cluster", new KMeansSpec(_xy, 1), "k is 1; it must be 2–256" },
        { "no starts", new KMeansSpec(_xy, 2, Starts: 0), "starts is 0" },
        { "texts", new KMeansSpec(ColumnSelector.All, 2), "column 't'" },
        { "more components than columns", new PcaSpec(_xy, 3, null), "components is 3; it must be 1–2" },
        { "both", new PcaSpec(_xy, 1, 0.5), "either components or variance" },
        { "neither", new PcaSpec(_xy, null, null), "either components or variance" },
        { "all of the variance", new PcaSpec(_xy, null, 1), "variance is 1" },
        { "too large", new PcaSpec(ColumnSelector.Of("x", "large"), 1, null), "column 'large'" },
        { "no complete row", new KMeansSpec(ColumnSelector.Of("x", "none"), 2), "none of the 5 training rows" },
        { "too large for distances", new KMeansSpec(ColumnSelector.Of("large"), 2), "clip the column first" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_cannot_be_fitted_is_refused(string what, StageSpec spec, string words)
    {
        Assert.NotEmpty(what);
        var rows = new[] { (0, 0), (1, 2), (10, 1), (0, 0), (1, 2) }.Select(point => new Row([point.Item1, point.Item2, double.NaN, 1e150], ["a"])).ToArray();
        var refusal = Assert.Throws<PipelineException>(() => FittedPipeline.Fit(new PipelineSpec(spec), Tables.Schema("x", "y", "none", "large", "t"), rows));
        Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_text_gives_the_stages_back_and_other_numbers_are_refused()
    {
        var rows = Points((0, 0.1), (0, 2), (10.3, 1), (4, 4));
        var pipeline = FittedPipeline.Fit(new PipelineSpec(new KMeansSpec(_xy, 3, 5, 2, "near"), new PcaSpec(ColumnSelector.Of("x", "near_0", "y"), null, 0.8, "axis")), Schema, rows);
        var read = FittedPipeline.FromJson(pipeline.ToJson());
        Assert.Equal(pipeline.ToJson(), read.ToJson());
        Assert.Equal(pipeline.DenseNames.AsEnumerable(), read.DenseNames.AsEnumerable());
        foreach (var row in rows)
            Assert.Equal(pipeline.Dense(row), read.Dense(row));

        Assert.Contains("centres", Assert.Throws<PipelineException>(() => FittedPipeline.FromJson(pipeline.ToJson().Replace("\"centres\":[", "\"centres\":[1,", StringComparison.Ordinal))).Message, StringComparison.Ordinal);
        Assert.Contains("loadings", Assert.Throws<PipelineException>(() => FittedPipeline.FromJson(pipeline.ToJson().Replace("\"loadings\":[", "\"loadings\":[1,", StringComparison.Ordinal))).Message, StringComparison.Ordinal);
    }

    /// <summary>The bounds spare looks at centres and change nothing: plain Lloyd ends at the same centres.</summary>
    [Fact]
    public void Clusters_are_those_of_plain_Lloyd_and_no_move_of_a_centre_lowers_the_inertia()
        => Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(60).WithReplay(3, 5),
            Prop.ForAll(
                (from seed in Gen.Choose(0, 1_000_000)
                 from k in Gen.Choose(2, 9)
                 from grid in Gen.Elements(4, 1000)
                 select (seed, k, grid)).ToArbitrary(),
                drawn =>
                {
                    var random = new Random(drawn.seed);
                    var points = Enumerable.Range(0, 2 * 150).Select(_ => (double)random.Next(drawn.grid)).ToArray();
                    var first = points[..(2 * drawn.k)];
                    var found = KMeans.Refine(points, 2, first);
                    var plain = Lloyd(points, first);
                    if (plain is not null)
                    {
                        for (var i = 0; i < plain.Length; i++)
                            Assert.Equal(plain[i], found.Centres[i], 1e-9);
                    }

                    foreach (var nudge in new[] { 1e-3, -1e-3 })
                    {
                        for (var i = 0; i < found.Centres.Length; i++)
                            Assert.True(Inertia(points, [.. found.Centres.SetItem(i, found.Centres[i] + nudge)], fixedTo: [.. found.Centres]) >= found.Inertia - 1e-9);
                    }
                }));

    [Fact]
    public void An_empty_cluster_takes_the_farthest_point()
    {
        // The third centre is nobody's nearest.
        var found = KMeans.Refine([0, 1, 2, 10, 30], 1, [1, 20, 1000]);
        Assert.Equal([1, 10, 30], found.Centres.Order());
        Assert.Equal(2, found.Inertia, 1e-12);
    }

    /// <summary>Null when a cluster runs empty.</summary>
    private static double[]? Lloyd(double[] points, double[] first)
    {
        var centres = first.ToArray();
        for (var pass = 0; pass < 300; pass++)
        {
            var groups = Enumerable.Range(0, points.Length / 2).GroupBy(i => Nearest(points, i, centres)).ToDictionary(group => group.Key, group => group.ToArray());
            if (groups.Count < centres.Length / 2)
                return null;
            var next = Enumerable.Range(0, centres.Length / 2).SelectMany(c => new[] { groups[c].Average(i => points[2 * i]), groups[c].Average(i => points[(2 * i) + 1]) }).ToArray();
            if (next.SequenceEqual(centres))
                break;
            centres = next;
        }

        return centres;
    }

    private static int Nearest(double[] points, int i, double[] centres)
        => Enumerable.Range(0, centres.Length / 2).MinBy(c => Math.Pow(points[2 * i] - centres[2 * c], 2) + Math.Pow(points[(2 * i) + 1] - centres[(2 * c) + 1], 2));

    private static double Inertia(double[] points, double[] centres, double[] fixedTo) => Enumerable.Range(0, points.Length / 2).Sum(i =>
    {
        var c = Nearest(points, i, fixedTo);
        return Math.Pow(points[2 * i] - centres[2 * c], 2) + Math.Pow(points[(2 * i) + 1] - centres[(2 * c) + 1], 2);
    });

    private static RowSchema Schema { get; } = Tables.Schema("x", "y", "z");

    private static Row[] Points(params (double X, double Y)[] points) => [.. points.Select(point => new Row([point.X, point.Y, 1], []))];

    private static FittedPipeline Fit(StageSpec spec, Row[] rows) => FittedPipeline.Fit(new PipelineSpec(spec), Schema, rows);
}
