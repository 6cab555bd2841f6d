using System.IO.Compression;
using System.Text;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Data;

namespace OrleansMl.Cli.Tests;

public sealed class CsvSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Quoted_cells_empty_cells_and_line_breaks_are_read_as_RFC_4180_says()
    {
        var source = CsvSource.Open([_folder.Write("a.csv", "x,y,z\n\"a,b\",\"say \"\"hi\"\"\",\n,\"two\nlines\",3\n")]);
        Assert.Equal(["x", "y", "z"], source.Header);
        var rows = source.Rows().ToList();
        Assert.Equal(["a,b", "say \"hi\"", ""], rows[0].Cells);
        Assert.Equal(["", "two\nlines", "3"], rows[1].Cells);
    }

    [Fact]
    public void A_byte_order_mark_and_Windows_line_ends_are_no_part_of_the_cells()
    {
        File.WriteAllBytes(_folder.File("a.csv"), [0xEF, 0xBB, 0xBF, .. "x,y\r\n1,2\r\n"u8]);
        var source = CsvSource.Open([_folder.File("a.csv")]);
        Assert.Equal(["x", "y"], source.Header);
        Assert.Equal(["1", "2"], source.Rows().Single().Cells);
    }

    [Fact]
    public void Gzipped_and_zipped_files_give_the_same_rows_as_plain_ones()
    {
        const string Text = "x,y\n1,2\n3,4\n";
        using (var gzip = new GZipStream(File.Create(_folder.File("a.csv.gz")), CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(Text));
        Zip("a.zip", ("inner.csv", Text));
        foreach (var name in (string[])["a.csv.gz", "a.zip"])
        {
            var rows = CsvSource.Open([_folder.File(name)]).Rows().ToList();
            Assert.Equal(["1", "2"], rows[0].Cells);
            Assert.Equal(["3", "4"], rows[1].Cells);
            Assert.Equal(2, rows.Count);
        }
    }

    [Fact]
    public void Files_in_sequence_give_their_rows_in_sequence_with_lines_of_their_own()
    {
        var source = CsvSource.Open([_folder.Write("a.csv", "x\n1\n2\n"), _folder.Write("b.csv", "x\n3\n")]);
        Assert.Equal(["1", "2", "3"], source.Rows().Select(row => row.Cells[0]));
        Assert.Equal(2, source.Rows().Last().Line);
        Assert.Equal("a.csv,b.csv", source.Name);
        Assert.Equal(3, source.CountRows(10));
        Assert.Equal(2, source.CountRows(2));
    }

    [Theory]
    [InlineData("x,y\n1,2\n3\n", ":3:1: the row has 1 cells, the header 2")]
    [InlineData("", "is empty")]
    [InlineData("x,x\n1,2\n", "names the column 'x' more than once")]
    public void A_file_that_is_no_table_is_refused_with_its_place(string text, string expected)
    {
        var file = _folder.Write("a.csv", text);
        var fault = Assert.Throws<CommandException>(() => CsvSource.Open([file]).Rows().Count());
        Assert.Equal(ExitCode.Invalid, fault.ExitCode);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.Contains(file, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_header_an_absent_file_and_an_archive_of_two_files_are_refused()
    {
        var first = _folder.Write("a.csv", "x\n1\n");
        Assert.Contains("the same columns", Refusal(first, _folder.Write("b.csv", "y\n1\n")), StringComparison.Ordinal);
        Assert.Contains("no such file", Refusal(_folder.File("absent.csv")), StringComparison.Ordinal);
        Zip("two.zip", ("a.csv", "x\n"), ("b.csv", "x\n"));
        Assert.Contains("holds 2 files", Refusal(_folder.File("two.zip")), StringComparison.Ordinal);
        File.WriteAllText(_folder.File("no.zip"), "not a zip");
        Assert.Contains("not a readable archive", Refusal(_folder.File("no.zip")), StringComparison.Ordinal);
        File.WriteAllText(_folder.File("no.gz"), "not gzip");
        Assert.Contains("not a readable archive", Refusal(_folder.File("no.gz")), StringComparison.Ordinal);
    }

    private static string Refusal(params string[] files) => Assert.Throws<CommandException>(() => CsvSource.Open(files)).Message;

    private void Zip(string name, params (string Name, string Text)[] entries)
    {
        using var archive = new ZipArchive(File.Create(_folder.File(name)), ZipArchiveMode.Create);
        foreach (var (entry, text) in entries)
        {
            using var writer = new StreamWriter(archive.CreateEntry(entry).Open());
            writer.Write(text);
        }
    }
}
