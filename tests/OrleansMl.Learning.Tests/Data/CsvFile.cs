using System.Globalization;

namespace OrleansMl.Learning.Tests;

/// <summary>A table of numbers with a header.</summary>
internal sealed class CsvFile(string path)
{
    private readonly string[] _lines = File.ReadAllLines(path);

    public double[] Column(string name)
    {
        var place = Array.IndexOf(_lines[0].Split(','), name);
        return [.. _lines[1..].Select(line => double.Parse(line.Split(',')[place], CultureInfo.InvariantCulture))];
    }
}
