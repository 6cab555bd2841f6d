using Orleans.Streams;
using Orleans.Streams.Core;

namespace OrleansMl.Streams.Tests.Adapter;

[GenerateSerializer, Immutable]
public sealed record Reading([property: Id(0)] string Name, [property: Id(1)] double Value);

public interface ITypedGrain : IGrainWithStringKey
{
    Task<Reading?> LastAsync();
}

/// <summary>A consumer of an application's own message type.</summary>
[ImplicitStreamSubscription("typed")]
public sealed class TypedGrain : Grain, ITypedGrain, IStreamSubscriptionObserver
{
    private Reading? _last;

    public Task<Reading?> LastAsync() => Task.FromResult(_last);

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<Reading>().ResumeAsync((reading, _) =>
    {
        _last = reading;
        return Task.CompletedTask;
    });
}
