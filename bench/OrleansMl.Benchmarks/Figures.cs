using System.Globalization;

namespace OrleansMl.Benchmarks;

/// <summary>What every benchmark needs: medians, and numbers and texts from the command line.</summary>
internal static class Figures
{
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    /// <summary>The number after the option's name; <paramref name="fallback"/> where there is none from 1 to <paramref name="most"/>.</summary>
    public static int Option(string[] arguments, string name, int fallback, int most)
    {
        var index = Array.IndexOf(arguments, name);
        return index >= 0 && index + 1 < arguments.Length && int.TryParse(arguments[index + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0 && value <= most
            ? value
            : fallback;
    }

    /// <summary>The text after the option's name; null: there is none.</summary>
    public static string? Text(string[] arguments, string name)
    {
        var index = Array.IndexOf(arguments, name);
        return index >= 0 && index + 1 < arguments.Length ? arguments[index + 1] : null;
    }
}
