using System.Collections.Immutable;
using OrleansMl.Wire;

namespace OrleansMl.Services;

/// <summary>Takes events and attributes: checks them against the declaration, groups them by entity, appends them.</summary>
public interface IIngestService
{
    /// <summary>Appends in order per entity; answers when every good item is durable and visible. One outcome for each item, at its index.</summary>
    Task<IngestResult> AppendEventsAsync(IReadOnlyList<IngestEvent> events, CancellationToken cancellationToken);

    /// <summary>Sets attributes; a missing value removes one.</summary>
    Task<OmlResult<AppendOutcome>> SetAttributesAsync(EntityId entity, ImmutableArray<NamedValue> attributes, string? id, CancellationToken cancellationToken);

    /// <summary>Reads features; unknown entity types and names are errors.</summary>
    Task<OmlResult<FeatureReading>> ReadFeaturesAsync(EntityId entity, FeatureQuery query, CancellationToken cancellationToken);

    /// <summary>Reads attributes.</summary>
    Task<OmlResult<FeatureReading>> ReadAttributesAsync(EntityId entity, CancellationToken cancellationToken);

    /// <summary>Records outcomes; one result for each, at its index.</summary>
    Task<ImmutableArray<OutcomeResult>> RecordOutcomesAsync(IReadOnlyList<IngestOutcome> outcomes, CancellationToken cancellationToken);
}

/// <summary>Fates of a batch.</summary>
/// <param name="Items">One for each event, at its index.</param>
/// <param name="Sequence">Last sequence of the entity when the batch has just one entity; else null.</param>
public sealed record IngestResult(ImmutableArray<AppendOutcome> Items, long? Sequence);
