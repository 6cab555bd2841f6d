using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Catalog;
using OrleansMl.Declaration;
using OrleansMl.Features;
using OrleansMl.Storage;
using OrleansMl.Wire;

namespace OrleansMl.Services;

/// <inheritdoc cref="IIngestService"/>
internal sealed class IngestService(
    CatalogCache catalog,
    IGrainFactory grains,
    IPredictionLog predictions,
    IngestInstruments instruments,
    [FromKeyedServices(OmlNames.Clock)] TimeProvider clock) : IIngestService
{
    /// <summary>Outcomes of one entity in one call: each takes a commit, and all must be done well within the response timeout.</summary>
    private const int OutcomesPerCall = 200;

    public async Task<IngestResult> AppendEventsAsync(IReadOnlyList<IngestEvent> events, CancellationToken cancellationToken)
    {
        await catalog.Loaded.WaitAsync(cancellationToken);
        var compiled = catalog.Current;
        var items = new AppendOutcome[events.Count];
        var passed = new List<int>(events.Count);
        for (var i = 0; i < events.Count; i++)
        {
            if (Check(compiled, events[i]) is { } fault)
                items[i] = new AppendOutcome(AppendStatus.Rejected, 0, fault);
            else
                passed.Add(i);
        }

        long? sequence = null;
        if (IsOneEntity(events, passed))
        {
            // What a stream brings is one entity's, again and again: nothing is to be grouped.
            sequence = await AppendGroupAsync(events[passed[0]].Entity, passed, events, items);
        }
        else
        {
            // The grains of different entities work side by side and share commits.
            await Task.WhenAll(passed.GroupBy(i => events[i].Entity).Select(g => AppendGroupAsync(g.Key, [.. g], events, items)));
        }

        Count(items);
        return new IngestResult(ImmutableCollectionsMarshal.AsImmutableArray(items), sequence);
    }

    private static bool IsOneEntity(IReadOnlyList<IngestEvent> events, List<int> passed)
    {
        for (var i = 1; i < passed.Count; i++)
        {
            if (events[passed[i]].Entity != events[passed[0]].Entity)
                return false;
        }

        return passed.Count > 0;
    }

    public async Task<OmlResult<AppendOutcome>> SetAttributesAsync(EntityId entity, ImmutableArray<NamedValue> attributes, string? id, CancellationToken cancellationToken)
    {
        await catalog.Loaded.WaitAsync(cancellationToken);
        if (!catalog.Current.Entities.TryGetValue(entity.Type, out var definition))
            return catalog.Current.UnknownEntityType(entity.Type);
        foreach (var attribute in attributes)
        {
            if (FieldRules.WhyNot(definition.Attributes, attribute, "attribute", "entity type", entity.Type) is { } fault)
                return OmlError.Invalid(fault.Detail, fault.Code) with { Faults = [fault] };
        }

        var record = new EntityRecord(id ?? Guid.CreateVersion7().ToString("n"), EntityRecordKind.Attributes, "", null, attributes);
        var appended = await grains.FeatureCache(entity).AppendAsync([record]);
        return appended.TryGet(out var result, out var error) ? result.Items[0] : error;
    }

    public async Task<OmlResult<FeatureReading>> ReadFeaturesAsync(EntityId entity, FeatureQuery query, CancellationToken cancellationToken)
    {
        await catalog.Loaded.WaitAsync(cancellationToken);
        if (!catalog.Current.Entities.ContainsKey(entity.Type))
            return catalog.Current.UnknownEntityType(entity.Type);
        return await grains.FeatureCache(entity).ReadAsync(query);
    }

    public async Task<OmlResult<FeatureReading>> ReadAttributesAsync(EntityId entity, CancellationToken cancellationToken)
    {
        await catalog.Loaded.WaitAsync(cancellationToken);
        if (!catalog.Current.Entities.ContainsKey(entity.Type))
            return catalog.Current.UnknownEntityType(entity.Type);
        return await grains.FeatureCache(entity).GetAttributesAsync();
    }

    public async Task<ImmutableArray<OutcomeResult>> RecordOutcomesAsync(IReadOnlyList<IngestOutcome> outcomes, CancellationToken cancellationToken)
    {
        await catalog.Loaded.WaitAsync(cancellationToken);
        var results = new OutcomeResult[outcomes.Count];
        var groups = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (var i = 0; i < outcomes.Count; i++)
        {
            var outcome = outcomes[i];
            string? key = null;
            if (outcome.PredictionId is { } predictionId)
            {
                key = (await predictions.FindAsync(predictionId, cancellationToken))?.EntityKey;
                if (string.IsNullOrEmpty(key))
                    results[i] = new OutcomeResult(OutcomeStatus.Orphan, [], null);
            }
            else if (outcome.Entity is { } entity)
            {
                if (catalog.Current.Entities.ContainsKey(entity.Type))
                    key = entity.ToGrainKey();
                else
                    results[i] = Rejected(catalog.Current.UnknownEntityType(entity.Type));
            }

            if (key is null)
                continue;
            if (outcome.Time is { } time && time > clock.GetUtcNow().UtcDateTime + MaxFutureOf(key))
            {
                results[i] = Rejected(OmlError.Invalid($"The outcome's time {time:O} lies in the future; check the sender's clock.", "too_far_in_future"));
                continue;
            }

            if (!groups.TryGetValue(key, out var group))
                groups.Add(key, group = []);
            group.Add(i);
        }

        await Task.WhenAll(groups.Select(g => RecordGroupAsync(g.Key, g.Value, outcomes, results)));
        return [.. results];
    }

    /// <summary>Records the outcomes of one entity in order, in pieces; what fails for a while is rejected with the reason.</summary>
    private async Task RecordGroupAsync(string key, List<int> group, IReadOnlyList<IngestOutcome> outcomes, OutcomeResult[] results)
    {
        foreach (var piece in group.Chunk(OutcomesPerCall))
        {
            ImmutableArray<OutcomeRecord> records = [.. piece.Select(i => outcomes[i]).Select(o => new OutcomeRecord(o.Id, o.PredictionId, o.Target, o.Subject, o.Time, o.Value, o.Source, o.Revision) { Reason = o.Reason })];
            var recorded = await RecordAsync(key, records);
            for (var k = 0; k < piece.Length; k++)
                results[piece[k]] = recorded.TryGet(out var values, out var error) ? values[k] : Rejected(error);
        }
    }

    private TimeSpan MaxFutureOf(string entityKey) =>
        catalog.Current.Entities.TryGetValue(EntityId.FromGrainKey(entityKey).Type, out var definition) ? definition.MaxFuture : TimeSpan.FromMinutes(5);

    private async Task<long?> AppendGroupAsync(EntityId entity, List<int> group, IReadOnlyList<IngestEvent> events, AppendOutcome[] items)
    {
        var records = ImmutableArray.CreateBuilder<EntityRecord>(group.Count);
        foreach (var i in group)
            records.Add(new EntityRecord(events[i].Id, EntityRecordKind.Event, events[i].Type, events[i].Time, events[i].Fields));
        OmlResult<AppendResult> appended;
        try
        {
            appended = await grains.FeatureCache(entity).AppendAsync(records.MoveToImmutable());
        }
        catch (Exception exception) when (Unavailability.Explain(exception) is { } unavailable)
        {
            // One entity that cannot be had must not hide that the others were recorded.
            appended = unavailable;
        }

        if (!appended.TryGet(out var result, out var error))
        {
            foreach (var i in group)
                items[i] = new AppendOutcome(AppendStatus.Rejected, 0, new OmlFault(error.Code, error.Detail));
            return null;
        }

        for (var k = 0; k < group.Count; k++)
            items[group[k]] = result.Items[k];
        await RecordTruthsAsync(entity, group, events, items);
        return result.LastSequence;
    }

    /// <summary>
    /// Events that are truths, before they are acknowledged: after a crash in between the sender repeats them, and their ids make
    /// that safe. One whose truth could not be recorded now is rejected for the same reason.
    /// </summary>
    private async Task RecordTruthsAsync(EntityId entity, List<int> group, IReadOnlyList<IngestEvent> events, AppendOutcome[] items)
    {
        if (!catalog.Current.Entities.TryGetValue(entity.Type, out var definition) || !definition.HasTruths)
            return;
        var truths = new List<(int Index, OutcomeRecord Outcome)>();
        foreach (var i in group)
        {
            if (items[i].Status == AppendStatus.Rejected || !definition.Events.TryGetValue(events[i].Type, out var type))
                continue;
            foreach (var rule in type.Truths)
            {
                if (rule.ToOutcome(events[i].Id, events[i].Time, events[i].Type, Field(events[i].Fields, rule.SubjectField)) is { } outcome)
                    truths.Add((i, outcome));
            }
        }

        foreach (var piece in truths.Chunk(OutcomesPerCall))
        {
            var recorded = await RecordAsync(entity.ToGrainKey(), [.. piece.Select(t => t.Outcome)]);
            for (var k = 0; k < piece.Length; k++)
            {
                var fault = recorded.TryGet(out var results, out var error) ? results[k].Fault : new OmlFault(error.Code, error.Detail);
                if (fault is not null && Unavailability.IsRetryable(fault.Code))
                    items[piece[k].Index] = new AppendOutcome(AppendStatus.Rejected, 0, fault);
            }
        }
    }

    private async Task<OmlResult<ImmutableArray<OutcomeResult>>> RecordAsync(string key, ImmutableArray<OutcomeRecord> records)
    {
        try
        {
            return await grains.GetGrain<IOutcomeJoinGrain>(key).RecordAsync(records);
        }
        catch (Exception exception) when (Unavailability.Explain(exception) is { } unavailable)
        {
            return unavailable;
        }
    }

    private static Scalar? Field(ImmutableArray<NamedValue> fields, string? name)
    {
        foreach (var field in fields)
        {
            if (field.Name == name)
                return field.Value;
        }

        return null;
    }

    private static OmlFault? Check(CompiledCatalog catalog, IngestEvent item)
    {
        if (!catalog.Entities.TryGetValue(item.Entity.Type, out var entity))
            return new OmlFault("unknown_entity_type", catalog.UnknownEntityType(item.Entity.Type).Detail) { Pointer = "/entity/type" };
        if (!entity.Events.TryGetValue(item.Type, out var type))
        {
            var known = entity.Events.Count == 0 ? "none is declared" : "known: " + string.Join(", ", entity.Events.Keys.Order(StringComparer.Ordinal));
            return new OmlFault("unknown_event_type", $"No event '{item.Type}' happens to '{item.Entity.Type}' ({known}).") { Pointer = "/type" };
        }

        foreach (var field in item.Fields)
        {
            if (FieldRules.WhyNot(type.Fields, field, "field", "event", item.Type) is { } fault)
                return fault with { Pointer = "/fields/" + field.Name };
        }

        foreach (var required in type.Definition.Fields)
        {
            if (required.Required && !Has(item.Fields, required.Name))
                return new OmlFault("missing_field", $"Event '{item.Type}' needs the field '{required.Name}'.") { Pointer = "/fields" };
        }

        return null;
    }

    private static bool Has(ImmutableArray<NamedValue> fields, string name)
    {
        foreach (var field in fields)
        {
            if (field.Name == name && !field.Value.IsMissing)
                return true;
        }

        return false;
    }

    private void Count(AppendOutcome[] items)
    {
        long accepted = 0, duplicate = 0, rejected = 0;
        foreach (var item in items)
        {
            if (item.Status == AppendStatus.Accepted)
                accepted++;
            else if (item.Status == AppendStatus.Duplicate)
                duplicate++;
            else
                rejected++;
        }

        Add("accepted", accepted);
        Add("duplicate", duplicate);
        Add("rejected", rejected);

        void Add(string status, long count)
        {
            if (count > 0)
                instruments.Events.Add(count, new KeyValuePair<string, object?>("status", status));
        }
    }

    private static OutcomeResult Rejected(OmlError error) => new(OutcomeStatus.Rejected, [], new OmlFault(error.Code, error.Detail));
}
