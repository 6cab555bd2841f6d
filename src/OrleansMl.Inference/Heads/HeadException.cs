namespace OrleansMl.Inference;

/// <summary>A network has no head that can be learned, or none that can be written.</summary>
public sealed class HeadException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>One of <see cref="HeadCodes"/>, or of <see cref="InspectCodes"/> where the file itself is at fault.</summary>
    public string Code { get; } = code;
}
