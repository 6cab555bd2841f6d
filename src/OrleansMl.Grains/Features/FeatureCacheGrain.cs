using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansMl.Catalog;
using OrleansMl.Declaration;
using OrleansMl.Storage;

namespace OrleansMl.Features;

/// <inheritdoc cref="IFeatureCacheGrain"/>
/// <remarks>
/// The log is the truth, the fold a cache of it: snapshot and tail at activation, a full rebuild when the declaration
/// of the entity type changes. The fence of the log (its last sequence) keeps a second activation from writing.
/// </remarks>
[GrainType("oml.features")]
internal sealed partial class FeatureCacheGrain(
    CatalogCache catalog,
    IEntityLog log,
    IPredictionLog predictions,
    [FromKeyedServices(OmlNames.Clock)] TimeProvider clock,
    ILogger<FeatureCacheGrain> logger) : Grain, IFeatureCacheGrain
{
    /// <summary>Records between two snapshots: the longest tail an activation has to read.</summary>
    private const int SnapshotEvery = 1000;

    private string _key = "";
    private EntityId _entity;
    private EntityFolds _folds = null!;
    private CompiledEntity? _definition;
    private EntityFold _fold = null!;
    private long _snapshotAt;
    private (ImmutableArray<string> Names, FeatureSelection Selection) _lastSelection;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = this.GetPrimaryKeyString();
        _entity = EntityId.FromGrainKey(_key);
        _folds = new EntityFolds(_key, _entity, log, logger);
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        // Best effort: the log holds everything.
        if (_definition is not null && _fold.LastSequence > _snapshotAt)
            await SaveSnapshotAsync(cancellationToken);
    }

    public async Task<OmlResult<AppendResult>> AppendAsync(ImmutableArray<EntityRecord> records)
    {
        if (await FollowCatalogAsync() is not { } definition)
            return catalog.Current.UnknownEntityType(_entity.Type);

        var items = new AppendOutcome[records.Length];
        var appends = new LogAppend[records.Length];
        var places = new (int Index, FoldField[] Fields)[records.Length];
        var count = 0;
        var now = clock.GetUtcNow().UtcDateTime;
        for (var i = 0; i < records.Length; i++)
        {
            var record = records[i];
            var time = record.EventTime ?? StampedTime(definition, record, now);
            if (WhyNotNow(definition, record, time, now) is { } fault)
            {
                items[i] = new AppendOutcome(AppendStatus.Rejected, 0, fault);
                continue;
            }

            // A field that is missing and one that was not sent are the same event; of attributes a missing one removes.
            var fields = record.Kind == EntityRecordKind.Attributes ? record.Fields.ToFields() : record.Fields.RemoveAll(f => f.Value.IsMissing).ToFields();
            places[count] = (i, fields);
            appends[count++] = new LogAppend((byte)record.Kind, record.Id, record.Type, time, record.Revision, FieldCodec.Encode(fields))
            {
                TimeIsStamped = record.EventTime is null,
            };
        }

        if (count > 0)
        {
            Array.Resize(ref appends, count);
            LogAppendOutcome[] outcomes;
            try
            {
                outcomes = await log.AppendAsync(_key, _fold.LastSequence, appends, now);
            }
            catch (LogFencedException exception)
            {
                // Another activation writes: this one knows nothing any more.
                LogFenced(logger, exception);
                _definition = null;
                DeactivateOnIdle();
                return OmlError.Unavailable("not_ready", $"The features of {_entity} are moving; send the batch again, its ids make that safe.");
            }

            for (var k = 0; k < outcomes.Length; k++)
            {
                var (index, fields) = places[k];
                var record = records[index];
                items[index] = outcomes[k].Status switch
                {
                    LogAppendStatus.Appended => new AppendOutcome(AppendStatus.Accepted, outcomes[k].Sequence, null),
                    LogAppendStatus.Duplicate => new AppendOutcome(AppendStatus.Duplicate, outcomes[k].Sequence, null),
                    _ => new AppendOutcome(AppendStatus.Rejected, 0, new OmlFault("id_conflict", $"Id '{record.Id}' of {_entity} was recorded with other content; a record never changes. Use a new id.")),
                };
                if (outcomes[k].Status == LogAppendStatus.Appended)
                    _fold.Apply(new FoldRecord(outcomes[k].Sequence, (FoldRecordKind)record.Kind, record.Type, appends[k].EventTime, now, record.Id, fields) { Revision = record.Revision });
            }

            if (_fold.LastSequence - _snapshotAt >= SnapshotEvery)
                await TrySaveSnapshotAsync();
            if (definition is { Clock: Clock.Event, HasTargets: true } && _fold.Watermark is { } watermark)
                CloseDue(watermark);
        }

        return new AppendResult(ImmutableCollectionsMarshal.AsImmutableArray(items), _fold.LastSequence);
    }

    public async Task<OmlResult<FeatureReading>> ReadAsync(FeatureQuery query)
    {
        if (await FollowCatalogAsync() is not { } definition)
            return catalog.Current.UnknownEntityType(_entity.Type);
        if (!TryResolve(definition, query.Features, out var selection, out var why))
            return OmlError.Invalid(why, "unknown_feature");

        var now = DefaultTime(definition, clock.GetUtcNow().UtcDateTime);
        var at = query.AsOf ?? query.At ?? now;

        // What was acknowledged is visible to the next read, also when its sender's clock is a little ahead (maxFuture).
        var readAt = query.AsOf is null && query.At is null && _fold.Watermark is { } watermark && watermark > at ? watermark : at;
        var fold = _fold;
        if (query.AsOf is { } asOf)
            fold = await _folds.FoldAsOfAsync(definition, asOf);
        else if (!fold.CanRead(selection, readAt))
            fold = await _folds.FoldAtAsync(definition, readAt);

        var reads = fold.Read(selection, readAt);
        var features = ImmutableArray.CreateBuilder<FeatureValue>(reads.Length);
        for (var i = 0; i < reads.Length; i++)
            features.Add(new FeatureValue(selection.Names[i], reads[i].Value.ToScalar(), (FeatureStatus)reads[i].Status, reads[i].EventTime, reads[i].UsedDefault));
        return new FeatureReading(_entity, at, fold.LastSequence, features.MoveToImmutable());
    }

    public async Task<OmlResult<FeatureReading>> GetAttributesAsync()
    {
        if (await FollowCatalogAsync() is not { } definition)
            return catalog.Current.UnknownEntityType(_entity.Type);
        return definition.Definition.Attributes.IsEmpty
            ? new FeatureReading(_entity, DefaultTime(definition, clock.GetUtcNow().UtcDateTime), _fold.LastSequence, [])
            : await ReadAsync(new FeatureQuery([.. definition.Plan.AllAttributes.Names], null));
    }

    /// <summary>The definition in force, with the fold made by it; null when the type is not declared.</summary>
    private async ValueTask<CompiledEntity?> FollowCatalogAsync()
    {
        if (!catalog.Current.Entities.TryGetValue(_entity.Type, out var definition))
        {
            // The caller's silo may have heard of the type before this one.
            await catalog.Loaded;
            if (!(await catalog.CatchUpAsync(catalog.Current.Revision + 1)).Entities.TryGetValue(_entity.Type, out definition))
                return null;
        }

        if (!ReferenceEquals(definition, _definition))
        {
            _fold = await _folds.LoadAsync(definition);
            _snapshotAt = _fold.LastSequence;
            _definition = definition;
            _lastSelection = default;
        }

        return definition;
    }

    private bool TryResolve(CompiledEntity definition, ImmutableArray<string> names, [NotNullWhen(true)] out FeatureSelection? selection, [NotNullWhen(false)] out string? why)
    {
        // Models ask for the same list again and again.
        if (_lastSelection.Selection is { } last && _lastSelection.Names == names)
        {
            (selection, why) = (last, null);
            return true;
        }

        if (!definition.Plan.TryResolve(names.IsDefault ? [] : names, out selection, out why))
            return false;
        _lastSelection = (names, selection);
        return true;
    }

    private async Task SaveSnapshotAsync(CancellationToken cancellationToken)
    {
        await log.SaveSnapshotAsync(_key, _fold.LastSequence, _definition!.Plan.FoldVersion, _fold.Save(), cancellationToken);
        _snapshotAt = _fold.LastSequence;
    }

    /// <summary>Now and then a snapshot; the batch is durable without it.</summary>
    private async Task TrySaveSnapshotAsync()
    {
        try
        {
            await SaveSnapshotAsync(CancellationToken.None);
        }
        catch (Exception exception)
        {
            LogSnapshotFailed(logger, _key, exception);
        }
    }

    /// <summary>
    /// When a record without a time happened. Attributes that are set before the first event of an application on the event
    /// clock stand since ever: the wall clock's now would put the entity ahead of all its events.
    /// </summary>
    private DateTime StampedTime(CompiledEntity definition, EntityRecord record, DateTime now) =>
        definition.Clock == Clock.Event && record.Kind == EntityRecordKind.Attributes && _fold.Watermark is null
            ? DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc)
            : DefaultTime(definition, now);

    /// <summary>Now, on the application's clock.</summary>
    private DateTime DefaultTime(CompiledEntity definition, DateTime now) =>
        definition.Clock == Clock.Event ? _fold.Watermark ?? now : now;

    private OmlFault? WhyNotNow(CompiledEntity definition, EntityRecord record, DateTime time, DateTime now)
    {
        if (time - now > definition.MaxFuture)
            return new OmlFault("too_far_in_future", $"Event time {time:O} is more than {definition.MaxFuture} ahead of {now:O}; check the sender's clock.") { Pointer = "/time" };
        if (record.Kind == EntityRecordKind.Event
            && definition.Events.TryGetValue(record.Type, out var type)
            && type.Definition.MaxAge is { } maxAge
            && DefaultTime(definition, now) is var reference
            && reference - time > maxAge)
            return new OmlFault("too_old", $"Event time {time:O} is more than {maxAge} behind {reference:O} (maxAge of '{record.Type}').") { Pointer = "/time" };
        return null;
    }

    /// <summary>On the event clock time moves with events: windows that this one ended are closed, behind the answer.</summary>
    private void CloseDue(DateTime watermark)
    {
        var due = predictions.ListDueAsync(_key, watermark, 1).AsTask();
        if (due.IsCompletedSuccessfully && due.Result.Count == 0)
            return;
        _ = CloseDueAsync(due, watermark);
    }

    private async Task CloseDueAsync(Task<IReadOnlyList<PredictionRecord>> due, DateTime watermark)
    {
        try
        {
            if ((await due).Count > 0)
                await GrainFactory.GetGrain<IOutcomeJoinGrain>(_key).CloseDueAsync(watermark);
        }
        catch (Exception exception)
        {
            LogCloseFailed(logger, _key, exception);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The snapshot of {Entity} was not stored; an activation reads a longer tail of its log.")]
    private static partial void LogSnapshotFailed(ILogger logger, string entity, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Another activation writes this entity's log; this one gives up.")]
    private static partial void LogFenced(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Closing the due windows of {Entity} failed; the next event tries again.")]
    private static partial void LogCloseFailed(ILogger logger, string entity, Exception exception);
}
