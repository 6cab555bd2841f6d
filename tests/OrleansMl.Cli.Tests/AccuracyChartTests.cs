using System.Globalization;
using System.Xml.Linq;
using OrleansMl.Cli.Charts;
using OrleansMl.Cli.Replay;
using OrleansMl.Cli.Scoring;

namespace OrleansMl.Cli.Tests;

public class AccuracyChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void The_chart_is_well_formed_names_the_four_series_and_marks_each_swap_with_its_version()
    {
        var chart = Chart(Rows(3000, swapsAt: [1000, 2500]), regression: false, title: "a <b> & \"c\"");
        Assert.Equal(Svg + "svg", chart.Root!.Name);
        Assert.Equal(4, chart.Descendants(Svg + "polyline").Count());
        Assert.Equal(2, chart.Descendants(Svg + "line").Count(line => (string?)line.Attribute("class") == "swap"));
        var texts = chart.Descendants(Svg + "text").Select(text => text.Value).ToList();
        Assert.Contains("a <b> & \"c\"", texts);
        Assert.Contains("live", texts);
        Assert.Contains("frozen (version 1)", texts);
        Assert.Contains("no change", texts);
        Assert.Contains("prior", texts);
        Assert.Contains("2", texts);
        Assert.Contains("3", texts);
        Assert.Contains("1996-05-07", texts);
    }

    [Fact]
    public void Lines_stay_within_the_plot_and_higher_accuracy_is_higher_up()
    {
        var chart = Chart(Rows(2000, swapsAt: []), regression: false, title: "t");
        var lines = chart.Descendants(Svg + "polyline").Select(Points).ToList();
        Assert.All(lines.SelectMany(line => line), point =>
        {
            Assert.InRange(point.X, 64, 976);
            Assert.InRange(point.Y, 78, 404);
        });

        // Drawn from the back to the front: prior (never right) first, live (always right) last.
        Assert.All(lines[0].Zip(lines[^1]), pair => Assert.True(pair.First.Y > pair.Second.Y));
    }

    [Fact]
    public void Regression_shows_the_mean_absolute_error()
    {
        var chart = Chart(Rows(2000, swapsAt: []), regression: true, title: "t");
        Assert.Contains(chart.Descendants(Svg + "text"), text => text.Value == "mean absolute error");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Hardly_any_rows_still_make_a_chart(int rows)
    {
        Assert.NotNull(Chart(Rows(rows, swapsAt: []), regression: false, title: "t").Root);
    }

    private static XDocument Chart(IReadOnlyList<ReplayRow> rows, bool regression, string title) =>
        XDocument.Parse(new AccuracyChart(Comparison.Of(rows, regression), title).ToSvg());

    private static List<(double X, double Y)> Points(XElement line) =>
        [.. ((string)line.Attribute("points")!).Split(' ').Select(pair => pair.Split(',')).Select(pair => (double.Parse(pair[0], CultureInfo.InvariantCulture), double.Parse(pair[1], CultureInfo.InvariantCulture)))];

    private static List<ReplayRow> Rows(int count, int[] swapsAt) =>
    [
        .. Enumerable.Range(0, count).Select(index => new ReplayRow
        {
            Index = index,
            Time = new DateTime(1996, 5, 7, 0, 0, 0, DateTimeKind.Utc).AddMinutes(30 * index),
            Entity = "a",
            Truth = 1,
            PredictionId = "p",
            ModelVersion = 1 + swapsAt.Count(at => index >= at),
            Live = 1,
            Frozen = index % 2,
            NoChange = index % 3 == 0 ? 0 : 1,
            Prior = 0,
        }),
    ];
}
