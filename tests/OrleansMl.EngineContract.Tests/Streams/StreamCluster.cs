using Orleans.Hosting;
using Orleans.Internal;
using Orleans.Runtime.Providers;
using Orleans.Streams;
using Orleans.TestingHost;
using OrleansMl.Testing;

namespace OrleansMl.EngineContract.Tests;

/// <summary>One silo, so that no queue changes hands, with providers over a log each and one in memory.</summary>
public sealed class StreamCluster : ClusterFixture
{
    /// <summary>A cache of ten buckets of ten.</summary>
    public LogBroker Log { get; } = new();

    /// <summary>Gives up delivery soon.</summary>
    public LogBroker Impatient { get; } = new();

    /// <summary>A cache of ten buckets of one.</summary>
    public LogBroker Tight { get; } = new();

    /// <summary>Several messages in one call.</summary>
    public LogBroker Batched { get; } = new();

    /// <summary>Takes explicit subscriptions as well.</summary>
    public LogBroker Explicit { get; } = new();

    /// <summary>Can be read again from a token, as long as the cache has it.</summary>
    public LogBroker Rewindable { get; } = new();

    /// <summary>Gives up soon, and ends the subscription then.</summary>
    public LogBroker Faulting { get; } = new();

    public static void AddLog(ISiloBuilder silo, string name, LogBroker broker, int cacheSize, Action<ISiloPersistentStreamConfigurator>? more = null, bool longPolls = false, bool rewindable = false, bool faults = false) =>
        silo.AddPersistentStreams(name, (_, provider) => new LogAdapterFactory(provider, broker, cacheSize, longPolls, rewindable, faults), streams =>
        {
            streams.ConfigureStreamPubSub(StreamPubSubType.ImplicitOnly);
            streams.ConfigurePullingAgent(ob => ob.Configure(o => o.GetQueueMsgsTimerPeriod = TimeSpan.FromMilliseconds(10)));
            streams.ConfigureBackoffProvider((_, _) => new ShortBackoff() as IMessageDeliveryBackoffProvider);
            streams.ConfigureBackoffProvider((_, _) => new ShortBackoff() as IQueueReaderBackoffProvider);
            more?.Invoke(streams);
        });

    protected override void Configure(InProcessTestClusterBuilder builder)
    {
        builder.Options.InitialSilosCount = 1;
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddMemoryGrainStorage("PubSubStore");
            silo.AddMemoryStreams("memory");
            AddLog(silo, "log", Log, 100);
            AddLog(silo, "impatient", Impatient, 100, s => s.ConfigurePullingAgent(ob => ob.Configure(o => o.MaxEventDeliveryTime = TimeSpan.FromMilliseconds(200))));
            AddLog(silo, "tight", Tight, 10);
            AddLog(silo, "batched", Batched, 100, s => s.ConfigurePullingAgent(ob => ob.Configure(o => o.BatchContainerBatchSize = 10)));
            AddLog(silo, "explicit", Explicit, 100, s => s.ConfigureStreamPubSub(StreamPubSubType.ExplicitGrainBasedAndImplicit));
            AddLog(silo, "rewindable", Rewindable, 100, s => s.ConfigureStreamPubSub(StreamPubSubType.ExplicitGrainBasedAndImplicit), rewindable: true);
            AddLog(
                silo,
                "faulting",
                Faulting,
                100,
                s =>
                {
                    s.ConfigureStreamPubSub(StreamPubSubType.ExplicitGrainBasedAndImplicit);
                    s.ConfigurePullingAgent(ob => ob.Configure(o => o.MaxEventDeliveryTime = TimeSpan.FromMilliseconds(200)));
                },
                faults: true);
        });
        builder.ConfigureClient(client =>
        {
            client.AddMemoryStreams("memory");
            client.AddPersistentStreams("log", (_, name) => new LogAdapterFactory(name, Log, 100), s => s.ConfigureStreamPubSub(StreamPubSubType.ImplicitOnly));
        });
    }

    private sealed class ShortBackoff() : FixedBackoff(TimeSpan.FromMilliseconds(20)), IMessageDeliveryBackoffProvider, IQueueReaderBackoffProvider;
}

[CollectionDefinition(Name)]
public sealed class StreamCollection : ICollectionFixture<StreamCluster>
{
    public const string Name = "streams";
}

/// <summary>Base of the topics of streams.</summary>
[Collection(StreamCollection.Name)]
public abstract class StreamTest(StreamCluster streams)
{
    protected StreamCluster Streams => streams;

    protected IGrainFactory Grains => streams.Grains;

    protected static string NewKey() => Guid.NewGuid().ToString("N");

    protected static long Write(LogBroker broker, string ns, string key, params Note[] notes) =>
        broker.Append(Orleans.Runtime.StreamId.Create(ns, key), notes, null);
}
