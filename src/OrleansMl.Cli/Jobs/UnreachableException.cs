namespace OrleansMl.Cli.Jobs;

/// <summary>The server did not answer at all; it may later.</summary>
internal sealed class UnreachableException(string message) : CommandLine.CommandException(CommandLine.ExitCode.Failed, message);
