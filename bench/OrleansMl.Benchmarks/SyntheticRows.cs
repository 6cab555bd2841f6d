using System.Globalization;
using System.Text;

namespace OrleansMl.Benchmarks;

/// <summary>Rows of twenty numbers in [-1, 1] and a class: half of the columns matter, two of them by their product too.</summary>
internal static class SyntheticRows
{
    public const int Columns = 20;

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Fills the row and answers with its class, 0 or 1.</summary>
    public static double Next(Random random, Span<double> x)
    {
        double score = 0;
        for (var column = 0; column < Columns; column++)
        {
            x[column] = (float)((random.NextDouble() * 2) - 1);
            score += column < Columns / 2 ? Math.Sin(3 * x[column]) * (1 + (column % 3)) : 0;
        }

        return score + (3 * x[0] * x[1]) + (random.NextDouble() * 2) > 1 ? 1 : 0;
    }

    /// <summary>Writes rows as CSV: the truth, where asked for the entity, and <c>x0</c> ….</summary>
    /// <param name="file">Where.</param>
    /// <param name="truth">Name of the column with the class.</param>
    /// <param name="entities">So many clients in turn as <c>entityId</c>; 0: no such column.</param>
    /// <param name="rows">How many.</param>
    /// <param name="seed">Of the numbers.</param>
    public static void WriteCsv(string file, string truth, int entities, int rows, int seed)
    {
        var random = new Random(seed);
        Span<double> x = stackalloc double[Columns];
        Span<char> text = stackalloc char[32];
        using var writer = new StreamWriter(file, append: false, s_utf8, 1 << 16) { NewLine = "\n" };
        writer.Write(entities > 0 ? $"{truth},entityId" : truth);
        for (var column = 0; column < Columns; column++)
            writer.Write(string.Create(CultureInfo.InvariantCulture, $",x{column}"));
        writer.WriteLine();
        for (var row = 0; row < rows; row++)
        {
            writer.Write(Next(random, x) > 0.5 ? '1' : '0');
            if (entities > 0)
                writer.Write(string.Create(CultureInfo.InvariantCulture, $",c{row % entities}"));
            foreach (var value in x)
            {
                ((float)value).TryFormat(text, out var length, provider: CultureInfo.InvariantCulture);
                writer.Write(',');
                writer.Write(text[..length]);
            }

            writer.WriteLine();
        }
    }
}
