using System.Collections.Immutable;

namespace OrleansMl.Learning.Tests.Validation;

/// <summary>Rows of one numeric or text column and one of noise.</summary>
internal static class ValidationRows
{
    public static ImmutableArray<string> UpDown { get; } = ["DOWN", "UP"];

    public static RowSchema Numbers { get; } = new([new Column("x", ColumnKind.Numeric), new Column("noise", ColumnKind.Numeric)]);

    public static RowSchema Texts { get; } = new([new Column("t", ColumnKind.Categorical), new Column("noise", ColumnKind.Numeric)]);

    public static ValidatedData OfNumbers(double[] x, double[] targets, ImmutableArray<string>? classes = null)
    {
        var random = new Random(99);
        return new ValidatedData(Numbers, [.. x.Select(value => new Row([value, random.NextDouble()], []))], targets, "up", classes ?? UpDown);
    }

    public static ValidatedData OfTexts(string?[] t, double[] targets, ImmutableArray<string>? classes = null)
    {
        var random = new Random(99);
        return new ValidatedData(Texts, [.. t.Select(value => new Row([random.NextDouble()], [value]))], targets, "up", classes ?? UpDown);
    }

    public static double[] Uniform(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextDouble() * 2) - 1)];
    }

    public static double[] Coins(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (double)random.Next(2))];
    }
}
