using System.Globalization;
using System.IO.Compression;

namespace OrleansMl.Learning.Tests;

/// <summary>Elec2 with the features of samples/electricity, computed without the serving system.</summary>
internal sealed class Electricity
{
    private const int DayOfTicks = 48;

    public static RowSchema Schema { get; } = new(new[] { "day", "period", "price", "price_lag1", "demand", "demand_24h", "vicprice", "vicdemand", "transfer", "last" }
        .Select(name => new Column(name, ColumnKind.Numeric)));

    public static PipelineSpec Pipeline { get; } = new(
        new ImputeSpec(ColumnSelector.All, ImputeStrategy.Mean),
        new OneHotSpec(ColumnSelector.Of("day"), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]),
        new StandardScaleSpec(ColumnSelector.Numeric));

    /// <summary>Rows as a prediction right after the tick and the outcome before it sees them, and labels (1 = UP).</summary>
    public static (Row[] Rows, double[] Labels) Read(string zip)
    {
        using var archive = ZipFile.OpenRead(zip);
        using var reader = new StreamReader(archive.GetEntry("electricity.csv")!.Open());
        reader.ReadLine();
        var rows = new List<Row>();
        var labels = new List<double>();
        var demands = new List<double>();
        var priceBefore = double.NaN;
        while (reader.ReadLine() is { } line)
        {
            var fields = line.Split(',');
            var values = fields[1..8].Select(field => double.Parse(field, CultureInfo.InvariantCulture)).ToArray();
            var (price, demand) = (values[2], values[3]);
            demands.Add(demand);
            var mean = demands.Skip(Math.Max(0, demands.Count - DayOfTicks)).Average();
            rows.Add(new Row([values[0], values[1], price, priceBefore, demand, mean, values[4], values[5], values[6], labels.Count > 0 ? labels[^1] : 0], []));
            labels.Add(fields[8] == "UP" ? 1 : 0);
            priceBefore = price;
        }

        return ([.. rows], [.. labels]);
    }
}
