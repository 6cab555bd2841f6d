using Microsoft.Extensions.DependencyInjection;
using Orleans.Streams;
using Orleans.Streams.Core;
using OrleansMl.Storage;

namespace OrleansMl.Streams;

/// <summary>One shard (key: the stream's key) of the events and outcomes that come by Orleans streams.</summary>
public interface IIngestShardGrain : IGrainWithStringKey;

/// <inheritdoc cref="IIngestShardGrain"/>
[GrainType("oml.ingest")]
[ImplicitStreamSubscription(OmlStreams.Events)]
[ImplicitStreamSubscription(OmlStreams.Outcomes)]
internal sealed class IngestShardGrain(
    IEnumerable<IRecordHandler> handlers,
    IDeadLetterStore letters,
    [FromKeyedServices(OmlNames.Clock)] TimeProvider clock) : Grain, IIngestShardGrain, IStreamSubscriptionObserver
{
    public async Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory)
    {
        // An application's own provider may use the same namespace for something else.
        if (handleFactory.ProviderName != OmlStreams.Provider)
            return;
        var ns = handleFactory.StreamId.GetNamespace();
        var handler = handlers.First(h => h.Namespace == ns);
        await handleFactory.Create<StreamRecord>().ResumeAsync(new ShardConsumer(handler, letters, clock, this.GetPrimaryKeyString()));
    }
}
