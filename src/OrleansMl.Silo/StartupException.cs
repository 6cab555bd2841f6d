namespace OrleansMl.Silo;

/// <summary>The server cannot start; the message is for the operator.</summary>
/// <param name="message">Thing, value, remedy.</param>
/// <param name="exitCode">1 failed, 2 usage or invalid file, 3 a prerequisite is missing.</param>
public sealed class StartupException(string message, int exitCode) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
