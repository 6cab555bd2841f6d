namespace OrleansMl.Training;

/// <summary>The work cannot be done as planned; becomes a <see cref="WorkFailure"/>.</summary>
internal sealed class WorkException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}
