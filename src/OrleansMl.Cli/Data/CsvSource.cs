using System.Globalization;
using System.IO.Compression;
using CsvHelper;
using CsvHelper.Configuration;
using OrleansMl.Cli.CommandLine;

namespace OrleansMl.Cli.Data;

/// <summary>
/// Rows of one or more CSV files in sequence (RFC 4180, UTF-8, with a header): plain, gzipped (<c>.gz</c>) or alone in a
/// <c>.zip</c>. All files have the header of the first.
/// </summary>
internal sealed class CsvSource
{
    private readonly IReadOnlyList<string> _files;

    private CsvSource(IReadOnlyList<string> files, string[] header)
    {
        _files = files;
        Header = header;
    }

    public string[] Header { get; }

    /// <summary>Names of the files without their folders, joined by commas.</summary>
    public string Name => string.Join(",", _files.Select(Path.GetFileName));

    /// <exception cref="CommandException">A file is absent, empty, or its header differs.</exception>
    public static CsvSource Open(IReadOnlyList<string> files)
    {
        string[]? header = null;
        foreach (var file in files)
        {
            if (!File.Exists(file))
                throw CommandException.Invalid($"{file}: no such file.");
            var own = HeaderOf(file);
            if (header is null)
                header = own;
            else if (!header.SequenceEqual(own))
                throw CommandException.Invalid($"{file}:1:1: the header is '{string.Join(",", own)}', the first file's is '{string.Join(",", header)}'; files in sequence need the same columns.");
        }

        return new(files, header ?? throw CommandException.Invalid("No data file was named; use --data FILE."));
    }

    /// <summary>Number of rows, at most <paramref name="limit"/>.</summary>
    public long CountRows(long limit) => Rows().Take(limit > int.MaxValue ? int.MaxValue : (int)limit).LongCount();

    /// <summary>Reads the rows in order, from the start at each enumeration.</summary>
    /// <exception cref="CommandException">A row has another number of cells than the header, or its quotes are wrong.</exception>
    public IEnumerable<CsvRow> Rows() => _files.SelectMany(RowsOf);

    private static string[] HeaderOf(string file)
    {
        using var text = OpenText(file);
        using var parser = new CsvParser(text, Configuration());
        if (!Read(parser, file) || parser.Record is not { } header)
            throw CommandException.Invalid($"{file}: the file is empty; a header with the names of the columns is needed.");
        var twice = header.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1)?.Key;
        return twice is null ? header : throw CommandException.Invalid($"{file}:1:1: the header names the column '{twice}' more than once.");
    }

    private IEnumerable<CsvRow> RowsOf(string file)
    {
        using var text = OpenText(file);
        using var parser = new CsvParser(text, Configuration());
        Read(parser, file);
        while (Read(parser, file))
        {
            var cells = parser.Record!;
            if (cells.Length != Header.Length)
                throw CommandException.Invalid($"{file}:{parser.RawRow}:1: the row has {cells.Length} cells, the header {Header.Length}.");
            yield return new CsvRow(file, parser.RawRow, cells);
        }
    }

    private static bool Read(CsvParser parser, string file)
    {
        try
        {
            return parser.Read();
        }
        catch (BadDataException)
        {
            throw CommandException.Invalid($"{file}:{parser.RawRow}:1: a quote stands inside an unquoted cell; quote the cell and double the quotes in it.");
        }
        catch (InvalidDataException fault)
        {
            throw CommandException.Invalid($"{file}: not a readable archive: {fault.Message}");
        }
    }

    private static CsvConfiguration Configuration() => new(CultureInfo.InvariantCulture) { Delimiter = ",", CacheFields = true };

    private static StreamReader OpenText(string file)
    {
        var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        try
        {
            return new StreamReader(Path.GetExtension(file).ToLowerInvariant() switch
            {
                ".gz" => new GZipStream(stream, CompressionMode.Decompress),
                ".zip" => OpenOnlyEntry(stream, file),
                _ => stream,
            });
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    private static Stream OpenOnlyEntry(Stream stream, string file)
    {
        ZipArchive archive;
        try
        {
            archive = new ZipArchive(stream, ZipArchiveMode.Read);
        }
        catch (InvalidDataException fault)
        {
            throw CommandException.Invalid($"{file}: not a readable archive: {fault.Message}");
        }

        var entries = archive.Entries.Where(entry => entry.Name.Length > 0).ToList();
        return entries.Count == 1
            ? entries[0].Open()
            : throw CommandException.Invalid($"{file}: the archive holds {entries.Count} files, exactly one is needed; unpack it and name the file.");
    }
}
