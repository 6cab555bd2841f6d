using Orleans.Runtime;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace OrleansMl.EngineContract.Tests;

/// <summary>An event: its consumer fails so many times, or waits at a gate.</summary>
[GenerateSerializer]
public sealed class Note(string text, int failures = 0, string? gate = null)
{
    [Id(0)]
    public string Text { get; } = text;

    [Id(1)]
    public int Failures { get; } = failures;

    [Id(2)]
    public string? Gate { get; } = gate;
}

/// <summary>What consumers of the contract do: they note each event and open the gate of its name.</summary>
internal static class Receiving
{
    public static async Task Take(string key, Note note, StreamSequenceToken? token)
    {
        Journal.Add($"{key} attempts", note.Text);
        if (Journal.Of($"{key} attempts").Count(t => t == note.Text) <= note.Failures)
            throw new InvalidOperationException($"'{note.Text}' fails.");
        Gates.Open($"{key} began {note.Text}");
        if (note.Gate is { } gate)
            await Gates.WaitFor(gate);
        Journal.Add(key, note.Text);
        Journal.Add($"{key} tokens", $"{token?.SequenceNumber}:{token?.EventIndex}");
        Gates.Open($"{key} took {note.Text}");
    }
}

public interface INoteGrain : IGrainWithStringKey
{
    Task Call();
}

/// <summary>Attaches itself when an event finds no observer.</summary>
[ImplicitStreamSubscription("notes")]
public sealed class NoteGrain : Grain, INoteGrain, IStreamSubscriptionObserver, IAsyncObserver<Note>
{
    private string Key => this.GetPrimaryKeyString();

    public async Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory)
    {
        Journal.Add($"{Key} subscribed", $"{handleFactory.ProviderName} {handleFactory.StreamId}");
        await handleFactory.Create<Note>().ResumeAsync(this);
    }

    public Task Call()
    {
        Journal.Add(Key, "call");
        return Task.CompletedTask;
    }

    public async Task OnNextAsync(Note item, StreamSequenceToken? token = null)
    {
        SeenNotes.Add(Key, item);
        if (RequestContext.Get("who") is string who)
            Journal.Add($"{Key} who", who);
        await Receiving.Take(Key, item, token);
    }

    public Task OnErrorAsync(Exception ex)
    {
        Journal.Add(Key, ex.GetType().Name);
        return Task.CompletedTask;
    }
}

/// <summary>The objects that consumers got.</summary>
internal static class SeenNotes
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, Note> All = new();

    public static void Add(string key, Note note) => All[key] = note;

    public static Note Of(string key) => All[key];
}

public interface IBatchNoteGrain : IGrainWithStringKey;

/// <summary>Takes a batch at once.</summary>
[ImplicitStreamSubscription("batches")]
public sealed class BatchNoteGrain : Grain, IBatchNoteGrain, IStreamSubscriptionObserver, IAsyncBatchObserver<Note>
{
    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<Note>().ResumeAsync(this);

    public async Task OnNextAsync(IList<SequentialItem<Note>> items)
    {
        var key = this.GetPrimaryKeyString();
        await Receiving.Take(key, new Note(string.Join('+', items.Select(i => i.Item.Text)), items.Max(i => i.Item.Failures), items[0].Item.Gate), items[0].Token);
    }

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;
}

public interface IDeafGrain : IGrainWithStringKey;

/// <summary>Subscribed by its attribute, and attaches nothing.</summary>
[ImplicitStreamSubscription("deaf")]
public sealed class DeafGrain : Grain, IDeafGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Journal.Add(this.GetPrimaryKeyString(), "activated");
        return Task.CompletedTask;
    }
}

public interface IQuickPairGrain : IGrainWithStringKey;

public interface ISlowPairGrain : IGrainWithStringKey;

/// <summary>One of two consumers of the same streams: passes the gates by.</summary>
[ImplicitStreamSubscription("pairs")]
public sealed class QuickPairGrain : Grain, IQuickPairGrain, IStreamSubscriptionObserver
{
    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) =>
        handleFactory.Create<Note>().ResumeAsync((note, token) => Receiving.Take($"quick {this.GetPrimaryKeyString()}", new Note(note.Text), token));
}

/// <summary>The other one: waits at them.</summary>
[ImplicitStreamSubscription("pairs")]
public sealed class SlowPairGrain : Grain, ISlowPairGrain, IStreamSubscriptionObserver
{
    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) =>
        handleFactory.Create<Note>().ResumeAsync((note, token) => Receiving.Take($"slow {this.GetPrimaryKeyString()}", note, token));
}
