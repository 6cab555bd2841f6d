namespace OrleansMl.Inference;

/// <summary>A model cannot be loaded.</summary>
public sealed class ModelLoadException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>One of <see cref="InspectCodes"/>.</summary>
    public string Code { get; } = code;
}
