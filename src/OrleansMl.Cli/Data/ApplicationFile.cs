using OrleansMl.Cli.CommandLine;
using OrleansMl.Declaration;

namespace OrleansMl.Cli.Data;

/// <summary>Application files as this program needs them: valid, or the command ends.</summary>
internal static class ApplicationFile
{
    /// <exception cref="CommandException">The file cannot be read, or has faults; the text names each with its place.</exception>
    public static ApplicationDefinition Read(string file, TextWriter warnings)
    {
        string text;
        try
        {
            text = File.ReadAllText(file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw CommandException.Invalid($"{file}: {fault.Message}");
        }

        var result = ApplicationReader.Read(text);
        foreach (var warning in result.Warnings)
            warnings.WriteLine($"{file}:{warning.Line}:{warning.Column}: warning: {warning.Detail}");
        return result.Definition
            ?? throw CommandException.Invalid(string.Join("\n", result.Faults.Select(fault => $"{file}:{fault.Line}:{fault.Column}: {fault.Detail}")));
    }
}
