using Microsoft.Extensions.Logging;
using OrleansMl.Catalog;
using OrleansMl.Declaration;
using OrleansMl.Storage;

namespace OrleansMl.Features;

/// <summary>Makes folds of one entity's log: of its snapshot and tail, or of all of it up to a time.</summary>
/// <param name="key">Key of the log.</param>
/// <param name="entity">Whose it is.</param>
/// <param name="log">The truth.</param>
/// <param name="logger">For snapshots that cannot be read.</param>
internal sealed partial class EntityFolds(string key, EntityId entity, IEntityLog log, ILogger logger)
{
    /// <summary>The log is read in pieces of this many records.</summary>
    private const int ReadChunk = 4096;

    /// <summary>The fold as of now: the snapshot, if this definition made it, and what came after it.</summary>
    public async Task<EntityFold> LoadAsync(CompiledEntity definition)
    {
        var stored = await log.LoadSnapshotAsync(key, definition.Plan.FoldVersion);
        var fold = stored is { } snapshot ? Restore(definition, snapshot.Snapshot) : new EntityFold(definition.Plan, entity.Id);
        await FoldTailAsync(fold, static _ => true);
        return fold;
    }

    /// <summary>A fold of what had happened by a time.</summary>
    public Task<EntityFold> FoldAtAsync(CompiledEntity definition, DateTime at) => RefoldAsync(definition, e => e.EventTime <= at);

    /// <summary>
    /// A fold of what had happened by a time and was known by then. On the event clock only the first can be told: when a record
    /// came is known on the wall clock alone.
    /// </summary>
    public Task<EntityFold> FoldAsOfAsync(CompiledEntity definition, DateTime asOf) =>
        RefoldAsync(definition, e => e.EventTime <= asOf && (definition.Clock == Clock.Event || e.Created <= asOf));

    private EntityFold Restore(CompiledEntity definition, byte[] snapshot)
    {
        try
        {
            return EntityFold.Restore(definition.Plan, entity.Id, snapshot);
        }
        catch (FormatException exception)
        {
            // A snapshot only saves time: the log makes the same fold.
            LogDamagedSnapshot(logger, key, exception);
            return new EntityFold(definition.Plan, entity.Id);
        }
    }

    private async Task<EntityFold> RefoldAsync(CompiledEntity definition, Func<LogEntry, bool> cut)
    {
        var fold = new EntityFold(definition.Plan, entity.Id, FoldRetention.Everything);
        await FoldTailAsync(fold, cut);
        return fold;
    }

    private async Task FoldTailAsync(EntityFold fold, Func<LogEntry, bool> cut)
    {
        var after = fold.LastSequence;
        while (true)
        {
            var entries = await log.ReadAsync(key, after, ReadChunk);
            foreach (var entry in entries)
            {
                after = entry.Sequence;
                if (cut(entry))
                    fold.Apply(new FoldRecord(entry.Sequence, (FoldRecordKind)entry.Kind, entry.Type, entry.EventTime, entry.Created, entry.Id, FieldCodec.Decode(entry.Payload.Span)) { Revision = entry.Revision });
            }

            if (entries.Count < ReadChunk)
                return;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The snapshot of {Entity} cannot be used; its features are folded anew from the log.")]
    private static partial void LogDamagedSnapshot(ILogger logger, string entity, Exception exception);
}
