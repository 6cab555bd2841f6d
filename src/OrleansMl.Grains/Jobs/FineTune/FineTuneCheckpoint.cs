using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansMl.Jobs.FineTune;

/// <summary>How far the learning of a head has come. The rows as embedded and the learner's state lie in scratch files.</summary>
/// <param name="Fresh">Scratch file of the data set's rows.</param>
/// <param name="Old">Scratch file of the rows of before; null: there are none.</param>
/// <param name="Skipped">Rows without a label.</param>
/// <param name="Epochs">Passes done.</param>
/// <param name="Learner">Scratch file of the learner after them; null: it has not begun.</param>
internal sealed record FineTuneCheckpoint(string Fresh, string? Old, long Skipped, int Epochs, string? Learner)
{
    public static FineTuneCheckpoint Read(ReadOnlyMemory<byte> bytes) =>
        JsonSerializer.Deserialize(bytes.Span, FineTuneJson.Default.FineTuneCheckpoint) ?? throw new InvalidDataException("The checkpoint is empty.");

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, FineTuneJson.Default.FineTuneCheckpoint);
}

[JsonSerializable(typeof(FineTuneCheckpoint))]
internal sealed partial class FineTuneJson : JsonSerializerContext;
