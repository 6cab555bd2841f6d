using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansMl.Storage.GrainState;

/// <summary>
/// Grain state as JSON: readable with any tool, and open to new members. Public properties with a setter, fields, and
/// constructor parameters of records are kept; numbers keep every bit, infinities and NaN included.
/// </summary>
public sealed class JsonGrainStateSerializer : IGrainStateSerializer
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        IncludeFields = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Serialize<T>(T? state) => JsonSerializer.SerializeToUtf8Bytes(state, s_options);

    /// <inheritdoc/>
    public T? Deserialize<T>(ReadOnlySpan<byte> stored) => JsonSerializer.Deserialize<T>(stored, s_options);
}
