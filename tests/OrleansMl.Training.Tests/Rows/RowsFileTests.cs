using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using OrleansMl.Learning;

namespace OrleansMl.Training.Tests;

/// <summary>Rows on their way to the process that trains.</summary>
public sealed class RowsFileTests
{
    private static readonly RowSchema s_schema = new([new("a", ColumnKind.Numeric), new("t", ColumnKind.Categorical), new("b", ColumnKind.Numeric)]);

    [Fact]
    public void What_was_written_is_read_bit_for_bit_and_has_the_hash_that_was_told()
    {
        var row =
            from a in Gen.Elements(0.0, -0.0, 1.5, double.NaN, double.MaxValue, double.Epsilon, 1e-300)
            from b in Gen.Choose(-1000, 1000)
            from text in Gen.Elements("x", "", "ü\n,\"", "x", "long enough to be another one", null)
            from label in Gen.Choose(0, 1)
            from weight in Gen.Elements(1.0, 0.25, 3.0)
            from tick in Gen.Choose(0, int.MaxValue)
            select new LabelledRow(new Row([a, b / 7.0], [text]), label, weight, new DateTime(tick, DateTimeKind.Utc), new DateTime(tick + 1L, DateTimeKind.Utc));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(60), Prop.ForAll(Gen.ListOf(row).ToArbitrary(), rows =>
        {
            var (bytes, hash) = Write(rows);
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), hash);
            using var reader = new RowsReader(new MemoryStream(bytes), s_schema);
            Assert.Equal(rows.Select(Describe), reader.ReadAll().Select(Describe));
        }));
    }

    [Fact]
    public void A_file_that_is_cut_or_is_another_is_told_and_not_read()
    {
        var (bytes, _) = Write([new LabelledRow(new Row([1, 2], ["x"]), 1, 1, default, default)]);
        for (var length = 0; length < bytes.Length; length++)
        {
            // Cut after the head there is no row, and nothing to tell.
            if (length == 8)
                continue;
            Assert.Throws<InvalidDataException>(() => Read(bytes[..length]));
        }

        Assert.Throws<InvalidDataException>(() => Read([.. "OMLROWS2"u8, .. bytes[8..]]));
    }

    [Fact]
    public void A_row_of_other_columns_or_without_weight_is_refused()
    {
        using var writer = new RowsWriter(new MemoryStream(), s_schema);
        Assert.Throws<ArgumentException>(() => writer.Add(new LabelledRow(new Row([1], ["x"]), 1, 1, default, default)));
        Assert.Throws<ArgumentException>(() => writer.Add(new LabelledRow(new Row([1, 2], ["x"]), 1, 0, default, default)));
        Assert.Equal(0, writer.Count);
    }

    private static List<LabelledRow> Read(byte[] bytes)
    {
        using var reader = new RowsReader(new MemoryStream(bytes), s_schema);
        return [.. reader.ReadAll()];
    }

    private static (byte[] Bytes, string Hash) Write(IEnumerable<LabelledRow> rows)
    {
        using var file = new MemoryStream();
        using var writer = new RowsWriter(file, s_schema);
        foreach (var row in rows)
            writer.Add(row);
        var hash = writer.Complete();
        return (file.ToArray(), hash);
    }

    private static string Describe(LabelledRow row) =>
        string.Join('|', row.Row.Numeric.Select(BitConverter.DoubleToInt64Bits)) + $"|{row.Row.Categorical[0] ?? "(missing)"}|{row.Label}|{row.Weight}|{row.Made.Ticks}|{row.Known.Ticks}";
}
