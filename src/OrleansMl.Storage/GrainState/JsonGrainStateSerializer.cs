using System.Text.Json;
using System.Text.Json.Serialization;
using Orleans.Storage;

namespace OrleansMl.Storage.GrainState;

/// <summary>
/// Grain state as JSON: readable with any tool, and open to new members. Public properties with a setter, fields, and
/// constructor parameters of records are kept; numbers keep every bit, infinities and NaN included.
/// </summary>
public sealed class JsonGrainStateSerializer : IGrainStorageSerializer
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        IncludeFields = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <inheritdoc/>
    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, s_options));

    /// <inheritdoc/>
    public T? Deserialize<T>(BinaryData input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return JsonSerializer.Deserialize<T>(input.ToMemory().Span, s_options);
    }
}
