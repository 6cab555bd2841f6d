using System.Text.Json.Nodes;

namespace OrleansMl.Learning.Tests.Golden;

/// <summary>k-means and principal components beside scikit-learn 1.2.1 (<c>Golden/scripts/multivariate.py</c>).</summary>
public sealed class MultivariateGoldenTests
{
    private const double Exact = 1e-8;

    private static readonly AnswerFile _answers = new("multivariate");

    [SkippableFact]
    public void From_the_same_centres_the_same_clusters_are_found()
    {
        var points = Batches.Digits().Dense;
        var found = KMeans.Refine(points, 64, points[..640]);
        AssertNear(_answers.Matrix("kmeans/digits/centres"), found.Centres);
        Assert.Equal(_answers.Number("kmeans/digits/inertia"), found.Inertia, 1e-6);

        var stage = JsonNode.Parse(Fitted(new KMeansSpec(ColumnSelector.All, 10, Starts: 1), points).ToJson())!;
        stage["stages"]![0]!["centres"] = new JsonArray([.. found.Centres.Select(number => JsonValue.Create(number))]);
        AssertNear(_answers.Matrix("kmeans/digits/distances"), Last(FittedPipeline.FromJson(stage.ToJsonString()), 10, points));
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_best_of_some_starts_is_the_best_that_was_found(long seed)
    {
        var rows = Weather();
        var found = KMeans.Fit(rows, 3, 3, seed, starts: 5);
        AssertNear(_answers.Matrix("kmeans/weather/centres"), found.Centres);
        Assert.Equal(_answers.Number("kmeans/weather/inertia"), found.Inertia, 1e-6);
    }

    [SkippableFact]
    public void Components_and_their_variances_are_the_same_but_for_the_sign_which_is_fixed()
    {
        var points = Batches.Digits().Dense;
        var all = PrincipalComponents.Fit(points, 64, 64);
        AssertNear(_answers.Numbers("pca/variances"), all.Variances);
        Assert.Equal(_answers.Number("pca/total"), all.TotalVariance, Exact);

        var share = PrincipalComponents.Fit(points, 64, null, 0.9);
        AssertNear(_answers.Matrix("pca/components"), share.Loadings);
        AssertNear(_answers.Matrix("pca/projected"), Last(Fitted(new PcaSpec(ColumnSelector.All, null, 0.9), points), share.Count, points));
    }

    private static FittedPipeline Fitted(StageSpec spec, double[] points)
    {
        var schema = new RowSchema(Enumerable.Range(0, 64).Select(j => new Column($"x{j}", ColumnKind.Numeric)));
        return FittedPipeline.Fit(new PipelineSpec(spec), schema, [.. points.Chunk(64).Select(point => new Row(point, []))]);
    }

    /// <summary>The last columns of the last three points.</summary>
    private static double[] Last(FittedPipeline pipeline, int columns, double[] points)
    {
        var room = new TransformedRow(pipeline);
        return [.. points.Chunk(64).TakeLast(3).SelectMany(point => room.Fill(new Row(point, [])).Dense[^columns..].ToArray())];
    }

    private static double[] Weather()
    {
        var file = new CsvFile(SharedData.Require("bike-sharing/hour_train.csv"));
        var columns = new[] { "temp", "hum", "windspeed" }.Select(file.Column).ToArray();
        return [.. Enumerable.Range(0, columns[0].Length).SelectMany(row => columns.Select(column => column[row]))];
    }

    private static void AssertNear(double[] expected, IReadOnlyList<double> actual)
    {
        Assert.Equal(expected.Length, actual.Count);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], Exact);
    }
}
