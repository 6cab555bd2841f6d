using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansMl.Datasets;

namespace OrleansMl.Jobs.BatchPredict;

/// <summary>How far a job of batch scoring has come: where it reads on, and what of the scratch files counts.</summary>
/// <param name="Place">In the data set.</param>
/// <param name="Header">Columns of a CSV data set.</param>
/// <param name="BatchRows">The same in all attempts, so that batches are made of the same rows.</param>
/// <param name="Extents">The result so far, in order: how much of each attempt's file. What is written beyond does not count.</param>
/// <param name="Scored">Rows with an answer.</param>
/// <param name="Failed">Rows with an error.</param>
/// <param name="Dataset">Id of the finished result; null: it is not finished.</param>
internal sealed record ScoringCheckpoint(DataPlace Place, ImmutableArray<string> Header, int BatchRows, ImmutableArray<PartExtent> Extents, long Scored, long Failed, string? Dataset)
{
    public static ScoringCheckpoint Read(ReadOnlyMemory<byte> bytes) =>
        JsonSerializer.Deserialize(bytes.Span, CheckpointJson.Default.ScoringCheckpoint) ?? throw new InvalidDataException("The checkpoint is empty.");

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, CheckpointJson.Default.ScoringCheckpoint);
}

[JsonSerializable(typeof(ScoringCheckpoint))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
