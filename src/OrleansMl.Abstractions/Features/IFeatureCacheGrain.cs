using System.Collections.Immutable;
using Orleans.Concurrency;

namespace OrleansMl;

/// <summary>
/// The features of one entity (key <see cref="EntityId.ToGrainKey"/>): a fold over that entity's log. The single writer
/// of the log: whatever enters, by HTTP or by stream, enters through <see cref="AppendAsync"/>.
/// </summary>
[Alias("oml.IFeatureCacheGrain")]
public interface IFeatureCacheGrain : IGrainWithStringKey
{
    /// <summary>
    /// Appends to the log, then folds: what is acknowledged is durable and visible to the next read. A repeated id with
    /// equal content is a duplicate, with other content a rejection (<c>id_conflict</c>). One bad item never stops the others.
    /// </summary>
    [Alias("Append")]
    Task<OmlResult<AppendResult>> AppendAsync(ImmutableArray<EntityRecord> records);

    /// <summary>Reads features. An unknown name is an error that lists what there is.</summary>
    [ReadOnly, Alias("Read")]
    Task<OmlResult<FeatureReading>> ReadAsync(FeatureQuery query);

    /// <summary>Attributes as last set, with their times.</summary>
    [ReadOnly, Alias("GetAttributes")]
    Task<OmlResult<FeatureReading>> GetAttributesAsync();
}
