using OrleansMl.Gateway.Errors;
using OrleansMl.Services;

namespace OrleansMl.Gateway.OpenInference;

/// <summary>The parameters of a load: <c>config</c>, and <c>file:VERSION/model.onnx</c>.</summary>
internal sealed class RepositoryParameters
{
    /// <summary>Of an unload: the models that an ensemble runs go with it.</summary>
    public const string UnloadDependents = "unload_dependents";

    private const string FilePrefix = "file:";

    private readonly Dictionary<string, ReadOnlyMemory<byte>> _files = new(StringComparer.Ordinal);
    private string? _config;

    public RepositoryLoad Load => new(_config, _files);

    /// <param name="name">Name of the parameter.</param>
    /// <param name="text">Its value as text; null: it has none.</param>
    /// <param name="bytes">Its value as bytes (gRPC only); null: it has none.</param>
    /// <exception cref="ApiException">400: not known, or of another type.</exception>
    public void Add(string name, string? text, ReadOnlyMemory<byte>? bytes)
    {
        if (name == "config")
        {
            _config = text ?? throw new ApiException(400, "invalid", "failed to load: the parameter 'config' is no text; give the model configuration as a string of JSON.");
            return;
        }

        if (!name.StartsWith(FilePrefix, StringComparison.Ordinal))
            throw new ApiException(400, "invalid", $"failed to load: there is no parameter '{(name.Length > 64 ? name[..64] + "…" : name)}'; known are config and file:VERSION/model.onnx.");
        _files[name[FilePrefix.Length..]] = bytes ?? Decode(name, text);
    }

    private static byte[] Decode(string name, string? text)
    {
        try
        {
            return Convert.FromBase64String(text ?? throw new FormatException());
        }
        catch (FormatException)
        {
            throw new ApiException(400, "invalid", $"failed to load: the parameter '{(name.Length > 64 ? name[..64] + "…" : name)}' is not base64; encode the file's bytes (RFC 4648, 4).");
        }
    }
}
