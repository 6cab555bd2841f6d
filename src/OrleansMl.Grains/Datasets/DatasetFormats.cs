namespace OrleansMl.Datasets;

/// <summary>The formats of data sets.</summary>
public static class DatasetFormats
{
    /// <summary>RFC 4180 with a header, UTF-8, commas.</summary>
    public const string Csv = "csv";

    /// <summary>A JSON object on each line, UTF-8.</summary>
    public const string Ndjson = "ndjson";

    public static bool IsKnown(string? format) => format is Csv or Ndjson;

    public static string MediaTypeOf(string format) => format == Csv ? "text/csv; charset=utf-8" : "application/x-ndjson";
}
