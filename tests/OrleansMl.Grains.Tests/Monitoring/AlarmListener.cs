using System.Collections.Concurrent;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace OrleansMl.Grains.Tests.Monitoring;

public interface IAlarmListenerGrain : IGrainWithStringKey;

/// <summary>Someone who acts on alarms: notes what the stream brings.</summary>
[ImplicitStreamSubscription(OmlStreams.Alarms)]
public sealed class AlarmListenerGrain : Grain, IAlarmListenerGrain, IStreamSubscriptionObserver, IAsyncObserver<StreamRecord>
{
    private static readonly ConcurrentDictionary<string, ConcurrentQueue<StreamRecord>> s_taken = new();

    public static IReadOnlyList<StreamRecord> Taken(string model) => [.. s_taken.GetOrAdd(model, _ => new())];

    public async Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => await handleFactory.Create<StreamRecord>().ResumeAsync(this);

    public Task OnNextAsync(StreamRecord item, StreamSequenceToken? token = null)
    {
        s_taken.GetOrAdd(this.GetPrimaryKeyString(), _ => new()).Enqueue(item);
        return Task.CompletedTask;
    }

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;
}
