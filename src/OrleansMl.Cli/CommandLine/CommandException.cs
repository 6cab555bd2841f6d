namespace OrleansMl.Cli.CommandLine;

/// <summary>Ends a command with an exit code and a text for people; no stack trace is shown.</summary>
internal class CommandException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;

    public static CommandException Failed(string message) => new(CommandLine.ExitCode.Failed, message);

    public static CommandException Invalid(string message) => new(CommandLine.ExitCode.Invalid, message);

    public static CommandException Missing(string message) => new(CommandLine.ExitCode.PrerequisiteMissing, message);
}
