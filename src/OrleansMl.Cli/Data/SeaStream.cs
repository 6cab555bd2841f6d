using System.Globalization;

namespace OrleansMl.Cli.Data;

/// <summary>
/// The SEA concepts (Street and Kim, "A streaming ensemble algorithm (SEA) for large-scale classification", KDD 2001):
/// three attributes uniform in [0, 10), of which the third means nothing; the class is IN where x1 + x2 ≤ θ. θ is 8, 9, 7
/// and 9.5 in the four quarters of the stream; one label in ten is turned over.
/// </summary>
internal static class SeaStream
{
    public const double Noise = 0.1;

    private static readonly double[] Thresholds = [8, 9, 7, 9.5];

    /// <summary>Writes the stream as CSV: x1, x2, x3, class. The same seed gives the same bytes.</summary>
    public static void Write(TextWriter writer, int rows, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        writer.Write("x1,x2,x3,class\n");
        for (var row = 0; row < rows; row++)
        {
            var (x1, x2, x3) = (Tenth(ref seed), Tenth(ref seed), Tenth(ref seed));
            var inside = x1 + x2 <= ThresholdAt(row, rows);
            if (Uniform(ref seed) < Noise)
                inside = !inside;
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"{x1:0.####},{x2:0.####},{x3:0.####},{(inside ? "IN" : "OUT")}\n"));
        }
    }

    /// <summary>θ of a row.</summary>
    public static double ThresholdAt(int row, int rows) => Thresholds[(int)((long)row * Thresholds.Length / rows)];

    /// <summary>Uniform in [0, 10), with four decimals: what is written is what decides the class.</summary>
    private static double Tenth(ref ulong state) => Math.Floor(Uniform(ref state) * 100_000) / 10_000;

    /// <summary>SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): the same on every platform and runtime version.</summary>
    private static double Uniform(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
