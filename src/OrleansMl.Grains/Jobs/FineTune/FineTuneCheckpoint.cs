using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansMl.Jobs.FineTune;

/// <summary>What the learning of a head has done, with the hashes of what lies in files: the next attempt goes on from it. One that an earlier software wrote holds nothing of it.</summary>
internal sealed record FineTuneCheckpoint
{
    /// <summary>The rows of the data set; null: they are not written yet.</summary>
    public ExtractedRows? Rows { get; init; }

    /// <summary>The rows of before; null: there are none, or they are not written yet.</summary>
    public ExtractedRows? RowsBefore { get; init; }

    /// <summary>Rows without a label.</summary>
    public long Skipped { get; init; }

    /// <summary>Folder of the last attempt that did work; what is finished and whole there is taken over.</summary>
    public string? Folder { get; init; }

    /// <summary>What the child is against the network; null: not compared yet.</summary>
    public HeadComparison? Compared { get; init; }

    /// <summary>The version that it became; null: not registered yet.</summary>
    public int? Version { get; init; }

    public static FineTuneCheckpoint Read(ReadOnlyMemory<byte>? bytes) => bytes is not { } saved
        ? new FineTuneCheckpoint()
        : JsonSerializer.Deserialize(saved.Span, FineTuneJson.Default.FineTuneCheckpoint) ?? throw new InvalidDataException("The checkpoint is empty.");

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, FineTuneJson.Default.FineTuneCheckpoint);
}

/// <summary>The rows of a data set as the network takes them.</summary>
/// <param name="File">Name of the scratch file.</param>
/// <param name="Hash">Its SHA-256.</param>
/// <param name="Count">Rows with a label.</param>
internal sealed record ExtractedRows(string File, string Hash, long Count);

[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(FineTuneCheckpoint))]
internal sealed partial class FineTuneJson : JsonSerializerContext;
