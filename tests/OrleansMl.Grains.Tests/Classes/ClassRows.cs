using System.Globalization;

namespace OrleansMl.Grains.Tests.Classes;

/// <summary>Two numbers and one of three classes, which a line tells apart but for a share of the rows: the same rows each time, in any language.</summary>
internal static class ClassRows
{
    public static readonly string[] Classes = ["low", "middle", "high"];

    public static IEnumerable<(double[] Values, string Truth)> Of(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var (a, b) = ((i * 37 % 101 / 25.0) - 2, (i * 53 % 97 / 24.0) - 2);
            var side = a + (0.5 * b) + (i * 29 % 31 / 15.5) - 1;
            yield return ([a, b], side < -0.7 ? "low" : side > 0.7 ? "high" : "middle");
        }
    }

    /// <summary>The same as a data set.</summary>
    /// <param name="target">Name of the target's column.</param>
    /// <param name="count">Rows.</param>
    /// <param name="rename">What a class is called; null: as it is.</param>
    public static string Csv(string target, int count, Func<string, string>? rename = null) =>
        $"a,b,{target}\n" + string.Concat(Of(count).Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.Values[0]:R},{row.Values[1]:R},{rename?.Invoke(row.Truth) ?? row.Truth}\n")));
}
