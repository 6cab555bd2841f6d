using OrleansMl.Cli.CommandLine;

namespace OrleansMl.Cli.Jobs;

/// <summary>Formats of data files, by the ends of their names.</summary>
internal static class DataFormat
{
    /// <exception cref="CommandException">The end says no format.</exception>
    public static string Of(string file) => Path.GetExtension(file).ToLowerInvariant() switch
    {
        ".csv" => "csv",
        ".ndjson" or ".jsonl" => "ndjson",
        var other => throw CommandException.Invalid($"{file}: the end '{other}' says no format; give a .csv, .ndjson or .jsonl file."),
    };
}
