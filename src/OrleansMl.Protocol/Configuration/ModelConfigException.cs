namespace OrleansMl.Protocol.Configuration;

/// <summary>A model configuration that cannot be taken.</summary>
/// <param name="line">From 1; 0 where the text has no lines (JSON, a message).</param>
/// <param name="column">From 1; 0 as above.</param>
/// <param name="detail">Names the field and the value, and says what to write.</param>
public sealed class ModelConfigException(int line, int column, string detail) : Exception(line > 0 ? $"line {line}, column {column}: {detail}" : detail)
{
    public int Line { get; } = line;

    public int Column { get; } = column;

    public string Detail { get; } = detail;
}
