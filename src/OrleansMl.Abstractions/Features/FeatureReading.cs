using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>State of a feature's value at the time of reading.</summary>
public enum FeatureStatus : byte
{
    /// <summary>There is a value within its time to live.</summary>
    Present = 1,

    /// <summary>Nothing has been seen (in the window).</summary>
    Missing = 2,

    /// <summary>What has been seen is older than the view's time to live.</summary>
    Expired = 3,
}

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

/// <summary>One feature as read.</summary>
/// <param name="Name"><c>view:feature</c> or <c>type.attribute</c>.</param>
/// <param name="Value">The value, the default in its place, or missing.</param>
/// <param name="Status">Present, missing or expired; says nothing about the default.</param>
/// <param name="EventTime">Event time of the newest record behind the value; null when none.</param>
/// <param name="UsedDefault">The value is the declared default.</param>
[GenerateSerializer, Immutable, Alias("oml.FeatureValue")]
public readonly record struct FeatureValue(
    [property: Id(0)] string Name,
    [property: Id(1)] Scalar Value,
    [property: Id(2)] FeatureStatus Status,
    [property: Id(3)] DateTime? EventTime,
    [property: Id(4)] bool UsedDefault);

/// <summary>Features of one entity at one point of its log.</summary>
/// <param name="Entity">Whose.</param>
/// <param name="AsOf">Event time the windows end at.</param>
/// <param name="Sequence">The log's sequence the reading includes.</param>
/// <param name="Features">In the order asked, wildcards in declared order.</param>
[GenerateSerializer, Immutable, Alias("oml.FeatureReading")]
public sealed record FeatureReading(
    [property: Id(0)] EntityId Entity,
    [property: Id(1)] DateTime AsOf,
    [property: Id(2)] long Sequence,
    [property: Id(3)] ImmutableArray<FeatureValue> Features);
