using System.Globalization;
using System.IO.Compression;

namespace OrleansMl.Learning.Tests;

/// <summary>The public streams as plain numbers.</summary>
internal static class Streams
{
    /// <summary>All columns but the last; the label is the last.</summary>
    public static (double[] X, double Label)[] Phishing()
    {
        using var file = File.OpenRead(SharedData.Require("phishing/phishing.csv.gz"));
        using var reader = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        return Read(reader, fields => (fields[..^1], fields[^1]), Number);
    }

    /// <summary>date, day, period, prices and demands, transfer; 1 is UP.</summary>
    public static (double[] X, double Label)[] Elec2()
    {
        using var archive = ZipFile.OpenRead(SharedData.Require("elec2/electricity.zip"));
        using var reader = new StreamReader(archive.GetEntry("electricity.csv")!.Open());
        return Read(reader, fields => (fields[..8], fields[8]), field => field switch
        {
            "UP" => 1,
            "DOWN" => 0,
            _ => Number(field),
        });
    }

    /// <summary>The first 2,000 rows without date and day.</summary>
    public static (double[] X, double Label)[] Elec2Tiny()
    {
        using var reader = new StreamReader(SharedData.Require("elec2/electricity_tiny.csv"));
        return Read(reader, fields => (fields[..6], fields[6]), Number);
    }

    /// <summary>temp, hum, windspeed; the label is cnt.</summary>
    public static (double[] X, double Label)[] Bikes()
    {
        using var reader = new StreamReader(SharedData.Require("bike-sharing/hour_train.csv"));
        var header = reader.ReadLine()!.Split(',');
        var columns = new[] { "temp", "hum", "windspeed", "cnt" }.Select(name => Array.IndexOf(header, name)).ToArray();
        return ReadRows(reader, fields => (columns[..3].Select(column => Number(fields[column])).ToArray(), Number(fields[columns[3]])));
    }

    /// <summary>64 counts of ink; the label is the digit.</summary>
    public static (double[] X, double Label)[] Digits(string file)
    {
        using var reader = new StreamReader(SharedData.Require(file));
        return ReadRows(reader, fields => (fields[..64].Select(Number).ToArray(), Number(fields[64])));
    }

    private static (double[] X, double Label)[] Read(StreamReader reader, Func<double[], (double[], double)> parts, Func<string, double> number)
    {
        reader.ReadLine();
        return ReadRows(reader, fields => parts([.. fields.Select(number)]));
    }

    private static (double[] X, double Label)[] ReadRows(StreamReader reader, Func<string[], (double[], double)> row)
    {
        var rows = new List<(double[], double)>();
        while (reader.ReadLine() is { Length: > 0 } line)
            rows.Add(row(line.Split(',')));
        return [.. rows];
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
