using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansMl.Jobs;

namespace OrleansMl.Datasets.Building;

/// <summary>How far the making of a data set has come.</summary>
/// <param name="After">Of the log: the last prediction that was looked at; null: none was.</param>
/// <param name="Place">Of a spine: where it reads on.</param>
/// <param name="Header">Of a spine: columns of a CSV file.</param>
/// <param name="Extents">The rows so far, in order: how much of each attempt's file. What is written beyond does not count.</param>
/// <param name="Rows">Rows that were written.</param>
/// <param name="Skipped">Of the log: predictions without a row, by why.</param>
/// <param name="Dataset">Id of the data set; null: it is not finished.</param>
internal sealed record BuildCheckpoint(string? After, DataPlace Place, ImmutableArray<string> Header, ImmutableArray<PartExtent> Extents, long Rows, ImmutableSortedDictionary<string, long> Skipped, string? Dataset)
{
    public static BuildCheckpoint Start { get; } = new(null, default, [], [], 0, ImmutableSortedDictionary<string, long>.Empty, null);

    public static BuildCheckpoint Read(ReadOnlyMemory<byte> bytes) =>
        JsonSerializer.Deserialize(bytes.Span, BuildJson.Default.BuildCheckpoint) ?? throw new InvalidDataException("The checkpoint is empty.");

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, BuildJson.Default.BuildCheckpoint);
}

[JsonSerializable(typeof(BuildCheckpoint))]
internal sealed partial class BuildJson : JsonSerializerContext;
