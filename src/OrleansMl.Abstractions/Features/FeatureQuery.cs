using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>Which features to read.</summary>
/// <param name="Features"><c>view:feature</c>, <c>view:*</c>, <c>type.attribute</c> or <c>type.id</c>; empty: all of the entity type.</param>
/// <param name="AsOf">
/// Read as it was known then: records with event time and created time at or before it (on the event clock: event time
/// alone, since when a record came is known on the wall clock only). Null: now, on the application's clock.
/// </param>
[GenerateSerializer, Immutable, Alias("oml.FeatureQuery")]
public sealed record FeatureQuery([property: Id(0)] ImmutableArray<string> Features, [property: Id(1)] DateTime? AsOf)
{
    /// <summary>
    /// Event time at which windows and times to live are measured, over everything the log holds now (no cut on created
    /// time): what a prediction with an explicit event time asks for. Ignored when <see cref="AsOf"/> is given.
    /// </summary>
    [Id(2)] public DateTime? At { get; init; }
}
