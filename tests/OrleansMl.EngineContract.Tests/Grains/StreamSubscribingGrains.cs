using Orleans.Providers.Streams.Common;
using Orleans.Runtime;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace OrleansMl.EngineContract.Tests;

public interface IGuidNoteGrain : IGrainWithGuidKey;

/// <summary>Its key is a Guid; it subscribes when it is activated.</summary>
[ImplicitStreamSubscription("by guid")]
public sealed class GuidNoteGrain : Grain, IGuidNoteGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken) =>
        this.GetStreamProvider("log").GetStream<Note>(StreamId.Create("by guid", this.GetPrimaryKey()))
            .SubscribeAsync((note, token) => Receiving.Take(this.GetPrimaryKey().ToString("N"), note, token));
}

public interface IIntegerNoteGrain : IGrainWithIntegerKey;

/// <summary>Its key is an integer.</summary>
[ImplicitStreamSubscription("by integer")]
public sealed class IntegerNoteGrain : Grain, IIntegerNoteGrain, IStreamSubscriptionObserver
{
    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) =>
        handleFactory.Create<Note>().ResumeAsync((note, token) => Receiving.Take($"integer {this.GetPrimaryKeyLong()}", note, token));
}

public interface IPatternNoteGrain : IGrainWithStringKey;

/// <summary>Consumes every namespace of a pattern.</summary>
[RegexImplicitStreamSubscription("^pattern[0-9]$")]
public sealed class PatternNoteGrain : Grain, IPatternNoteGrain, IStreamSubscriptionObserver
{
    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) =>
        handleFactory.Create<Note>().ResumeAsync((note, token) => Receiving.Take(this.GetPrimaryKeyString(), note, token));
}

public interface IStreamProducerGrain : IGrainWithStringKey
{
    Task Produce(string provider, string ns, string key, string[] texts);

    /// <returns>The error's name and message, or null.</returns>
    Task<string?> Subscribe(string provider, string ns, long? from = null);

    Task<string?> ResumeFrom(string provider, string ns, string key, long offset);

    Task Follow(string provider, string ns, string key);

    Task<int> Subscriptions(string provider, string ns, string key);

    Task Unfollow(string provider, string ns, string key);
}

/// <summary>Produces, and subscribes explicitly.</summary>
public sealed class StreamProducerGrain : Grain, IStreamProducerGrain
{
    public Task Produce(string provider, string ns, string key, string[] texts) =>
        Stream(provider, ns, key).OnNextBatchAsync(texts.Select(t => new Note(t)));

    public Task<string?> Subscribe(string provider, string ns, long? from) => ErrorOf(() =>
    {
        var stream = Stream(provider, ns, this.GetPrimaryKeyString());
        return from is { } offset ? stream.SubscribeAsync(Take, new EventSequenceTokenV2(offset)) : stream.SubscribeAsync(Take);
    });

    public Task<string?> ResumeFrom(string provider, string ns, string key, long offset) => ErrorOf(async () =>
    {
        foreach (var handle in await Stream(provider, ns, key).GetAllSubscriptionHandles())
            await handle.ResumeAsync(Take, new EventSequenceTokenV2(offset));
    });

    public async Task Follow(string provider, string ns, string key)
    {
        var stream = Stream(provider, ns, key);
        var known = await stream.GetAllSubscriptionHandles();
        foreach (var handle in known)
            await handle.ResumeAsync(Take, Fail);
        if (known.Count == 0)
            await stream.SubscribeAsync(Take, Fail);
    }

    public async Task<int> Subscriptions(string provider, string ns, string key) => (await Stream(provider, ns, key).GetAllSubscriptionHandles()).Count;

    public async Task Unfollow(string provider, string ns, string key)
    {
        foreach (var handle in await Stream(provider, ns, key).GetAllSubscriptionHandles())
            await handle.UnsubscribeAsync();
    }

    private static async Task<string?> ErrorOf(Func<Task> action)
    {
        try
        {
            await action();
            return null;
        }
        catch (Exception error)
        {
            return $"{error.GetType().Name}: {error.Message}";
        }
    }

    private IAsyncStream<Note> Stream(string provider, string ns, string key) => this.GetStreamProvider(provider).GetStream<Note>(StreamId.Create(ns, key));

    private Task Fail(Exception error)
    {
        var key = this.GetPrimaryKeyString();
        Journal.Add(key, error.GetType().Name);
        Gates.Open($"{key} failed {error.GetType().Name}");
        return Task.CompletedTask;
    }

    private Task Take(Note note, StreamSequenceToken? token) => Receiving.Take(this.GetPrimaryKeyString(), note, token);
}
