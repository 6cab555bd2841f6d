using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansMl.Datasets;

namespace OrleansMl.Jobs.Uploads;

/// <summary>How far an upload has come.</summary>
/// <param name="Place">In the data set.</param>
/// <param name="Header">Columns of a CSV data set.</param>
/// <param name="Extents">The faults so far, in order: how much of each attempt's file.</param>
/// <param name="Counts">Rows by what became of them.</param>
/// <param name="IsApplied">All rows are taken in.</param>
/// <param name="Faults">Id of the finished file of faults; null: it is not finished, or there are none.</param>
internal sealed record UploadCheckpoint(DataPlace Place, ImmutableArray<string> Header, ImmutableArray<PartExtent> Extents, ImmutableSortedDictionary<string, long> Counts, bool IsApplied, string? Faults)
{
    public static UploadCheckpoint Start { get; } = new(default, [], [], ImmutableSortedDictionary<string, long>.Empty, false, null);

    public static UploadCheckpoint Read(ReadOnlyMemory<byte> bytes) =>
        JsonSerializer.Deserialize(bytes.Span, UploadJson.Default.UploadCheckpoint) ?? throw new InvalidDataException("The checkpoint is empty.");

    public long Count(string status) => Counts.GetValueOrDefault(status);

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, UploadJson.Default.UploadCheckpoint);
}

[JsonSerializable(typeof(UploadCheckpoint))]
internal sealed partial class UploadJson : JsonSerializerContext;
