using System.Globalization;
using System.IO.Compression;
using OrleansMl.Learning;

namespace OrleansMl.Testing;

/// <summary>A public data set as raw rows, parted into those to train and those to test on; the classes are 0 and 1.</summary>
internal sealed record PublicTable(RowSchema Schema, Row[] Train, double[] TrainLabels, Row[] Test, double[] TestLabels)
{
    /// <summary>What trees take: texts as codes, and what is missing stays missing.</summary>
    public static PipelineSpec Codes { get; } = new(new OrdinalSpec(ColumnSelector.Categorical)) { KeepsMissing = true };

    /// <summary>adult-census: its own train and test file; "?" is missing. Class 1 earns over 50,000.</summary>
    public static PublicTable Adult(string trainFile, string testFile)
    {
        var schema = Columns(
            ["age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation", "relationship", "race", "sex", "capital-gain", "capital-loss", "hours-per-week", "native-country"],
            0, 2, 4, 10, 11, 12);
        var (train, test) = (Read(trainFile), Read(testFile));
        return Of(schema, train, test, label => label.StartsWith(">50K", StringComparison.Ordinal));

        static string[][] Read(string file)
        {
            using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
            return Fields(reader.ReadToEnd(), text => text == "?" ? "" : text);
        }
    }

    /// <summary>bank-marketing: every fifth row, from row <paramref name="fold"/> on, is for the test. Class 1 says yes.</summary>
    public static PublicTable Bank(string file, int fold)
    {
        var lines = Fields(File.ReadAllText(file), text => text);
        var schema = Columns(lines[0][..^1], 0, 10, 11, 12, 14, 15, 16, 17, 18);
        var rows = lines[1..].Index().ToArray();
        return Of(schema, [.. rows.Where(row => row.Index % 5 != fold).Select(row => row.Item)], [.. rows.Where(row => row.Index % 5 == fold).Select(row => row.Item)], label => label == "yes");
    }

    /// <summary>Rows as a trainer takes them.</summary>
    public static TrainingRows Transform(FittedPipeline pipeline, Row[] rows, double[] labels)
    {
        var room = new TransformedRow(pipeline);
        var dense = new double[rows.Length * pipeline.DenseCount];
        for (var row = 0; row < rows.Length; row++)
            room.Fill(rows[row]).Dense.CopyTo(dense.AsSpan(row * pipeline.DenseCount));
        return new TrainingRows(rows.Length, dense, [], [], labels);
    }

    private static string[][] Fields(string text, Func<string, string> read)
        => [.. text.Split('\n').Where(line => line.Length > 1).Select(line => line.Split(',').Select(field => read(field.Trim())).ToArray())];

    private static RowSchema Columns(string[] names, params int[] numbers)
        => new(names.Select((name, place) => new Column(name, numbers.Contains(place) ? ColumnKind.Numeric : ColumnKind.Categorical)));

    private static PublicTable Of(RowSchema schema, string[][] train, string[][] test, Func<string, bool> isPositive)
    {
        return new PublicTable(schema, Rows(train), Labels(train), Rows(test), Labels(test));

        double[] Labels(string[][] lines) => [.. lines.Select(line => isPositive(line[^1]) ? 1.0 : 0)];

        Row[] Rows(string[][] lines) => [.. lines.Select(line => new Row(
            [.. Of(line, ColumnKind.Numeric).Select(text => double.Parse(text, CultureInfo.InvariantCulture))],
            [.. Of(line, ColumnKind.Categorical)]))];

        IEnumerable<string> Of(string[] line, ColumnKind kind) => line.Take(schema.Columns.Length).Where((_, place) => schema.Columns[place].Kind == kind);
    }
}
