namespace OrleansMl.Cli.Data;

/// <summary>One row of a CSV file; an empty cell is a missing value.</summary>
/// <param name="File">The file it comes from.</param>
/// <param name="Line">Its line there, from 1.</param>
/// <param name="Cells">As many as the header has names.</param>
internal readonly record struct CsvRow(string File, int Line, string[] Cells);
