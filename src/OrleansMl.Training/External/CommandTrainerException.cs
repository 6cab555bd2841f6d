namespace OrleansMl.Training;

/// <summary>A program's training gave no model; the message names the thing, the value and the remedy.</summary>
public sealed class CommandTrainerException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>One of <see cref="ProcessCodes"/> or <see cref="CommandTrainerCodes"/>.</summary>
    public string Code { get; } = code;
}
