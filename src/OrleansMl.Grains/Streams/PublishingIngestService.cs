using System.Collections.Immutable;
using OrleansMl.Services;
using OrleansMl.Wire;

namespace OrleansMl.Streams;

/// <summary>The ingest of a gateway: appends, then publishes what was accepted. What comes by a stream is not published again.</summary>
internal sealed class PublishingIngestService(IngestService inner, StreamPublisher publisher) : IIngestService
{
    public async Task<IngestResult> AppendEventsAsync(IReadOnlyList<IngestEvent> events, CancellationToken cancellationToken)
    {
        var result = await inner.AppendEventsAsync(events, cancellationToken);
        if (publisher.Publishes(OmlStreams.Events))
            await publisher.EventsAsync(events, result.Items, cancellationToken);
        return result;
    }

    public async Task<ImmutableArray<OutcomeResult>> RecordOutcomesAsync(IReadOnlyList<IngestOutcome> outcomes, CancellationToken cancellationToken)
    {
        var results = await inner.RecordOutcomesAsync(outcomes, cancellationToken);
        if (publisher.Publishes(OmlStreams.Outcomes))
            await publisher.OutcomesAsync(outcomes, results, cancellationToken);
        return results;
    }

    public Task<OmlResult<AppendOutcome>> SetAttributesAsync(EntityId entity, ImmutableArray<NamedValue> attributes, string? id, CancellationToken cancellationToken) =>
        inner.SetAttributesAsync(entity, attributes, id, cancellationToken);

    public Task<OmlResult<FeatureReading>> ReadFeaturesAsync(EntityId entity, FeatureQuery query, CancellationToken cancellationToken) =>
        inner.ReadFeaturesAsync(entity, query, cancellationToken);

    public Task<OmlResult<FeatureReading>> ReadAttributesAsync(EntityId entity, CancellationToken cancellationToken) =>
        inner.ReadAttributesAsync(entity, cancellationToken);
}
