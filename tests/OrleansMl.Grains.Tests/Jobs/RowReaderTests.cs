using System.Text;
using FsCheck;
using FsCheck.Fluent;
using OrleansMl.Datasets;

namespace OrleansMl.Grains.Tests.Jobs;

public sealed class RowReaderTests
{
    private const int Tests = 300;

    [Fact]
    public void Every_table_reads_back_whatever_the_pieces_it_comes_in_and_wherever_a_later_reader_goes_on()
    {
        var cell = Gen.ArrayOf(Gen.Elements('a', 'é', '"', ',', '\n', '\r', ' ', '1')).Select(c => new string(c));
        var tables =
            from columns in Gen.Choose(1, 4)
            from rows in Gen.ArrayOf(Gen.ArrayOf(cell, columns))
            from piece in Gen.Choose(1, 40)
            from end in Gen.Elements("\n", "\r\n", "\r")
            from closed in Gen.Elements(true, false)
            select (columns, rows, piece, end, closed);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Tests), Prop.ForAll(tables.ToArbitrary(), t => HoldsAsync(t.columns, t.rows, t.piece, t.end, t.closed).GetAwaiter().GetResult()));
    }

    [Theory]
    [InlineData("a,b\n1,2\n3\n", "Line 3: the row has 1 cells, the header 2")]
    [InlineData("a,b\n1,\"2\n3,4\n", "Line 2: a quote is not closed")]
    [InlineData("a,b\n1,2\"3\n", "Line 2: a quote stands inside an unquoted cell")]
    [InlineData("a,b\n\"x\ny\",1\n\"z\"w,2\n", "Line 4: text follows the closing quote")]
    [InlineData("a,a\n1,2\n", "Line 1: the header names 'a' twice")]
    [InlineData("a,\n1,2\n", "Line 1: column 2 of the header has no name")]
    [InlineData("", "Line 1: the file is empty")]
    [InlineData("a\n\u0001\n", null)]
    public async Task What_is_no_CSV_is_named_with_its_line(string text, string? fault)
    {
        var thrown = await Record.ExceptionAsync(() => ReadAllAsync("csv", Encoding.UTF8.GetBytes(text), 7));
        if (fault is null)
            Assert.Null(thrown);
        else
            Assert.StartsWith(fault, Assert.IsType<DataFaultException>(thrown).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_are_no_UTF_8_and_rows_beyond_the_limit_are_refused()
    {
        byte[] latin = [.. "a\nx"u8, 0xE9, (byte)'\n'];
        Assert.Equal(("invalid_text", 2), await FaultAsync(latin, 1 << 20));
        Assert.Equal(("too_large", 2), await FaultAsync(Encoding.UTF8.GetBytes("a\n\"" + new string('x', 200_000)), 100_000));

        static async Task<(string, int?)> FaultAsync(byte[] bytes, int limit)
        {
            var error = (await Assert.ThrowsAsync<DataFaultException>(() => ReadAllAsync("csv", bytes, 4096, limit))).ToError();
            return (error.Code, error.Faults[0].Line);
        }
    }

    [Fact]
    public async Task A_byte_order_mark_and_blank_lines_are_passed_over()
    {
        var rows = await ReadAllAsync("csv", [0xEF, 0xBB, 0xBF, .. "a,b\n\n1,2\n\n\n3,4"u8], 1);
        Assert.Equal(["1", "2", "3", "4"], rows.SelectMany(r => new[] { r["a"].Text, r["b"].Text }));
    }

    [Fact]
    public async Task Lines_of_JSON_are_read_strictly()
    {
        var rows = await ReadAllAsync("ndjson", """
            {"a": 1, "b": [1, 2.5], "c": {"d": "x"}, "e": null}

            {"a": true}
            """u8.ToArray(), 3);
        Assert.Equal((1.0, CellKind.Missing, "x"), (rows[0]["a"].Number, rows[0]["e"].Kind, rows[0]["c"].Members!["d"].Text));
        Assert.Equal([1, 2.5], rows[0]["b"].Items.Select(i => i.Number));
        Assert.Equal(CellKind.Bool, rows[1]["a"].Kind);
        var fault = await Assert.ThrowsAsync<DataFaultException>(() => ReadAllAsync("ndjson", "{\"a\":1}\n{\"a\":1,\"a\":2}\n"u8.ToArray(), 5));
        Assert.StartsWith("Line 2:", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schema_tells_types_and_missing_values()
    {
        using var reader = RowReader.Open("csv", new Pieces("i,f,b,s,n,m\n1,1,true,x,,1\n-2,2.5,false,\"1\"\"\",,x\n3,,true,y,,2\n"u8.ToArray(), 5), 1000);
        await reader.ReadHeaderAsync(default);
        var schema = new SchemaBuilder(reader.Header);
        while (await reader.NextAsync(default))
            schema.AddRow(reader);
        Assert.Equal(["i int 0", "f float 1", "b bool 0", "s string 0", "n empty 3", "m string 0"], schema.Build().Select(c => $"{c.Name} {c.Type} {c.Missing}"));
    }

    private static async Task<bool> HoldsAsync(int columns, string[][] rows, int piece, string end, bool closed)
    {
        var header = Enumerable.Range(0, columns).Select(i => $"c{i}").ToArray();
        // A row that is nothing at all is a blank line.
        rows = [.. rows.Where(r => !(r is [""]))];
        var text = string.Join(end, rows.Prepend(header).Select(r => string.Join(',', r.Select(Quoted)))) + (closed ? end : "");
        var bytes = Encoding.UTF8.GetBytes(text);
        var places = new List<DataPlace>();
        using var reader = RowReader.Open("csv", new Pieces(bytes, piece), 1 << 20);
        await reader.ReadHeaderAsync(default);
        places.Add(reader.Place);
        for (var i = 0; await reader.NextAsync(default); i++)
        {
            Assert.Equal(rows[i], header.Select(h => reader.ToRow()[h].Text ?? ""));
            places.Add(reader.Place);
        }

        Assert.Equal(rows.Length + 1, places.Count);
        foreach (var place in places)
        {
            using var later = RowReader.Open("csv", new Pieces(bytes, piece), 1 << 20, place, reader.Header);
            for (var i = (int)place.Row; await later.NextAsync(default); i++)
            {
                Assert.Equal(rows[i], header.Select(h => later.ToRow()[h].Text ?? ""));
                Assert.Equal(places[i + 1], later.Place);
            }

            Assert.Equal(rows.Length, later.Place.Row);
        }

        return true;
    }

    private static string Quoted(string cell) => cell.AsSpan().ContainsAny("\",\r\n") ? "\"" + cell.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"" : cell;

    private static async Task<List<DataRow>> ReadAllAsync(string format, byte[] bytes, int piece, int limit = 1 << 20)
    {
        using var reader = RowReader.Open(format, new Pieces(bytes, piece), limit);
        await reader.ReadHeaderAsync(default);
        var rows = new List<DataRow>();
        while (await reader.NextAsync(default))
            rows.Add(reader.ToRow());
        return rows;
    }

    /// <summary>Gives few bytes at a time, as a network does.</summary>
    private sealed class Pieces(byte[] bytes, int most) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(most, buffer.Length)], cancellationToken);
    }
}
