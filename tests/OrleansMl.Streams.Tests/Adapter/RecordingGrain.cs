using System.Collections.Concurrent;
using Orleans.Runtime;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace OrleansMl.Streams.Tests.Adapter;

public interface IRecordingGrain : IGrainWithStringKey;

/// <summary>Notes what it gets; <see cref="Deliveries"/> tells it when to wait or to throw.</summary>
[ImplicitStreamSubscription("single")]
[ImplicitStreamSubscription(OmlStreams.Events)]
public sealed class RecordingGrain : Grain, IRecordingGrain, IStreamSubscriptionObserver, IAsyncObserver<StreamRecord>, IAsyncBatchObserver<StreamRecord>
{
    public async Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory)
    {
        var handle = handleFactory.Create<StreamRecord>();
        if (handleFactory.StreamId.GetNamespace() == OmlStreams.Events)
            await handle.ResumeAsync((IAsyncBatchObserver<StreamRecord>)this);
        else
            await handle.ResumeAsync((IAsyncObserver<StreamRecord>)this);
    }

    public Task OnNextAsync(StreamRecord item, StreamSequenceToken? token = null) =>
        Deliveries.Of(this.GetPrimaryKeyString()).TakeAsync([item.Id], RequestContext.Get("who") as string);

    public Task OnNextAsync(IList<SequentialItem<StreamRecord>> items) =>
        Deliveries.Of(this.GetPrimaryKeyString()).TakeAsync([.. items.Select(i => i.Item.Id)], null);

    public Task OnErrorAsync(Exception ex)
    {
        Deliveries.Of(this.GetPrimaryKeyString()).Errors.Add(ex);
        return Task.CompletedTask;
    }

    public Task OnCompletedAsync() => Task.CompletedTask;
}

/// <summary>What one grain was given, over all its activations.</summary>
public sealed class Deliveries
{
    private static readonly ConcurrentDictionary<string, Deliveries> All = new();
    private readonly ConcurrentQueue<string> _taken = new();
    private readonly ConcurrentQueue<int> _sizes = new();

    public static Deliveries Of(string key) => All.GetOrAdd(key, static _ => new Deliveries());

    /// <summary>Ids in the order of delivery; repeats included, failed ones not.</summary>
    public IReadOnlyList<string> Taken => [.. _taken];

    /// <summary>Records of each delivery.</summary>
    public IReadOnlyList<int> Sizes => [.. _sizes];

    public ConcurrentBag<Exception> Errors { get; } = [];

    public ConcurrentBag<string?> Contexts { get; } = [];

    public ConcurrentBag<string> Failed { get; } = [];

    /// <summary>Runs before a delivery counts: waits, or throws.</summary>
    public Func<IReadOnlyList<string>, Task>? Before { get; set; }

    public async Task TakeAsync(IReadOnlyList<string> ids, string? context)
    {
        try
        {
            if (Before is { } before)
                await before(ids);
        }
        catch
        {
            foreach (var id in ids)
                Failed.Add(id);
            throw;
        }

        Contexts.Add(context);
        _sizes.Enqueue(ids.Count);
        foreach (var id in ids)
            _taken.Enqueue(id);
    }
}
