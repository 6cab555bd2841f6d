using System.Buffers;

namespace OrleansMl.Datasets;

/// <summary>Cells of CSV as RFC 4180 has them.</summary>
public static class CsvText
{
    private static readonly SearchValues<char> s_quoted = SearchValues.Create(",\"\r\n");

    /// <summary>The text of a cell, in quotes where it needs them.</summary>
    public static string Of(string text) =>
        text.AsSpan().ContainsAny(s_quoted) ? "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"" : text;
}
