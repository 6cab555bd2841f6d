using System.Globalization;
using System.IO.Compression;

namespace OrleansMl.Learning.Tests;

/// <summary>The streams of golden/detectors.json.</summary>
internal static class DriftStreams
{
    /// <summary>Errors (0/1) of the rule "n where sin(x) &lt; y" on tornado-sine1; the concept turns at 20,000, 40,000, 60,000 and 80,000.</summary>
    public static double[] Sine1()
    {
        using var file = File.OpenRead(SharedData.Require("tornado-sine1/sine1_w_50_n_0.1_101.arff.gz"));
        using var reader = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        var errors = new List<double>();
        var started = false;
        while (reader.ReadLine() is { } line)
        {
            var fields = line.Split(',');
            if (started && fields.Length == 3)
                errors.Add((Math.Sin(Number(fields[0])) < Number(fields[1]) ? "n" : "p") == fields[2].Trim() ? 0 : 1);
            started |= line.StartsWith("@data", StringComparison.Ordinal);
        }

        return [.. errors];
    }

    /// <summary>Errors of "the same class as the row before" on elec2.</summary>
    public static double[] ElectricityNoChange()
    {
        var (_, labels) = Electricity.Read(SharedData.Require("elec2/electricity.zip"));
        return [.. labels.Skip(1).Select((label, i) => label == labels[i] ? 0.0 : 1.0)];
    }

    /// <summary>Thousands of passengers by half-hour.</summary>
    public static double[] Taxi() => [.. File.ReadLines(SharedData.Require("nab/nyc_taxi.csv")).Skip(1).Select(line => Number(line.Split(',')[1]) / 1000)];

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
