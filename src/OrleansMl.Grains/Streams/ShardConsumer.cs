using Orleans.Streams;
using OrleansMl.Storage;

namespace OrleansMl.Streams;

/// <summary>
/// Applies what one shard of an ingest stream delivers: grouped by key, keys side by side. What can never be applied goes to
/// the dead letters here; what may pass is thrown, so that the stream delivers the batch again, and what of it was applied
/// counts once.
/// </summary>
internal sealed class ShardConsumer(IRecordHandler handler, IDeadLetterStore letters, TimeProvider clock, string shard) : IAsyncBatchObserver<StreamRecord>
{
    public async Task OnNextAsync(IList<SequentialItem<StreamRecord>> items)
    {
        var refused = new List<DeadLetter>();
        var groups = new Dictionary<string, List<(SequentialItem<StreamRecord> From, object Item)>>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            var plan = handler.Plan(item.Item);
            if (plan.Fault is { } fault)
                refused.Add(Letter(item, fault));
            else if (!plan.IsDone)
                Add(groups, plan.OrderKey!, (item, plan.Item!));
        }

        LogFault? passing = null;
        var gate = new Lock();
        await Task.WhenAll(groups.Select(async group =>
        {
            var fates = await handler.ApplyAsync(group.Key, group.Value.ConvertAll(static g => g.Item), CancellationToken.None);
            lock (gate)
            {
                for (var i = 0; i < fates.Count; i++)
                {
                    if (fates[i].Fault is not { } fault)
                        continue;
                    if (fates[i].IsPassing)
                        passing = fault;
                    else
                        refused.Add(Letter(group.Value[i].From, fault));
                }
            }
        }));
        if (refused.Count > 0)
            await letters.AppendAsync(refused);
        if (passing is not null)
            throw new InvalidOperationException($"Not all of the batch could be applied now: {passing.Reason}: {passing.Detail}");
    }

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;

    public Task OnCompletedAsync() => Task.CompletedTask;

    private static void Add<T>(Dictionary<string, List<T>> groups, string key, T item)
    {
        if (!groups.TryGetValue(key, out var group))
            groups.Add(key, group = []);
        group.Add(item);
    }

    private DeadLetter Letter(SequentialItem<StreamRecord> item, LogFault fault) => DeadLetters.Of(
        $"stream:{handler.Namespace}/{shard}@{item.Token?.SequenceNumber}", handler.Namespace, shard, item.Item, fault.Reason, fault.Detail, clock.GetUtcNow().UtcDateTime);
}
