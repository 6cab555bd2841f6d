using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Providers.Streams.Common;
using Orleans.Runtime;
using Orleans.Streams;
using Orleans.TestingHost;
using OrleansMl.Testing;

namespace OrleansMl.EngineContract.Tests;

/// <summary>A provider's life and its commands; identities.</summary>
public sealed class StreamProviderTests(StreamCluster streams) : StreamTest(streams)
{
    [Fact]
    public async Task At_shutdown_a_read_that_waits_is_cancelled_and_the_receiver_is_shut_down_after_it()
    {
        var broker = new LogBroker();
        await using var cluster = Cluster(silo => StreamCluster.AddLog(silo, "own", broker, 100, longPolls: true));
        await cluster.DeployAsync();
        await broker.WaitForStep("waits");
        await cluster.StopSiloAsync(cluster.Silos[0]);
        Assert.Equal(["initialized", "waits", "read ended", "shut down, 5 s"], broker.Steps);
    }

    [Fact]
    public async Task What_is_delivered_while_a_read_waits_is_not_acknowledged_not_at_shutdown_either()
    {
        var broker = new LogBroker();
        var key = NewKey();
        Write(broker, "notes", key, new Note("held", gate: key));
        await using var cluster = Cluster(silo => StreamCluster.AddLog(silo, "own", broker, 100, longPolls: true));
        await cluster.DeployAsync();
        await Gates.WaitFor($"{key} began held");
        await broker.WaitForStep("waits");
        Gates.Open(key);
        await Gates.WaitFor($"{key} took held");
        await cluster.StopSiloAsync(cluster.Silos[0]);
        Assert.Empty(broker.Acknowledged);
    }

    [Fact]
    public async Task A_delivery_that_outlasts_the_response_timeout_is_delivered_again_behind_the_first()
    {
        var broker = new LogBroker();
        var key = NewKey();
        var calls = 0;
        await using var cluster = Cluster(silo =>
        {
            StreamCluster.AddLog(silo, "own", broker, 100);
            silo.Configure<SiloMessagingOptions>(o => o.ResponseTimeout = o.SystemResponseTimeout = TimeSpan.FromSeconds(2));
            silo.AddOutgoingGrainCallFilter(async context =>
            {
                if (context.MethodName == "DeliverBatch" && Interlocked.Increment(ref calls) == 2)
                    Gates.Open(key);
                await context.Invoke();
            });
        });
        await cluster.DeployAsync();
        Write(broker, "notes", key, new Note("slow", gate: key));
        Write(broker, "notes", key, new Note("next"));
        await Gates.WaitFor($"{key} took next");
        Assert.Equal(["slow", "slow", "next"], Journal.Of(key));
    }

    [Fact]
    public async Task Agents_stop_and_start_on_command_and_the_adapter_and_its_factory_take_theirs()
    {
        var broker = new LogBroker();
        await using var cluster = Cluster(silo => StreamCluster.AddLog(silo, "own", broker, 100));
        await cluster.DeployAsync();
        var key = NewKey();
        Assert.Equal(1, await Command(PersistentStreamProviderCommand.GetNumberRunningAgents));
        await Command(PersistentStreamProviderCommand.StopAgents);
        Assert.Equal(0, await Command(PersistentStreamProviderCommand.GetNumberRunningAgents));
        Assert.Equal((int)StreamLifecycleOptions.RunState.AgentsStopped, await Command(PersistentStreamProviderCommand.GetAgentsState));
        Write(broker, "notes", key, new Note("kept"));
        Assert.Equal(0, broker.Position);
        await Command(PersistentStreamProviderCommand.StartAgents);
        await Gates.WaitFor($"{key} took kept");
        Assert.Equal("adapter of own got 10001 x", await Command(PersistentStreamProviderCommand.AdapterCommandStartRange + 1, "x"));
        Assert.Equal("factory of own got 20002 ", await Command(PersistentStreamProviderCommand.AdapterFactoryCommandStartRange + 2));

        async Task<object?> Command(PersistentStreamProviderCommand command, object? argument = null) =>
            Assert.Single(await cluster.Client.GetGrain<IManagementGrain>(0).SendControlCommandToProvider<PersistentStreamProvider>("own", (int)command, argument));
    }

    [Fact]
    public async Task Explicit_subscriptions_without_a_store_are_refused_at_the_start()
    {
        var broker = new LogBroker();
        await using var cluster = Cluster(silo => StreamCluster.AddLog(
            silo, "own", broker, 100, s => s.ConfigureStreamPubSub(StreamPubSubType.ExplicitGrainBasedAndImplicit)));
        var error = await Assert.ThrowsAsync<OrleansConfigurationException>(cluster.DeployAsync);
        Assert.Contains("PubSubStore", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_whose_key_does_not_fit_its_subscriber_stops_its_queue()
    {
        var broker = new LogBroker();
        await using var cluster = Cluster(silo => StreamCluster.AddLog(silo, "own", broker, 100));
        await cluster.DeployAsync();
        Write(broker, "by guid", "no guid", new Note("unfit"));
        await broker.WaitForPosition(1);
        Write(broker, "notes", NewKey(), new Note("waits behind it"));
        await cluster.StopSiloAsync(cluster.Silos[0]);
        Assert.Equal(1, broker.Position);
        Assert.Empty(broker.Acknowledged);
    }

    [Fact]
    public void Stream_ids_have_a_namespace_and_a_key()
    {
        var guid = Guid.NewGuid();
        Assert.Equal(("a", "b"), (StreamId.Create("a", "b").GetNamespace(), StreamId.Create("a", "b").GetKeyAsString()));
        Assert.Equal(guid.ToString("N"), StreamId.Create("a", guid).GetKeyAsString());
        Assert.Equal("-12", StreamId.Create(null, -12).GetKeyAsString());
        Assert.Null(StreamId.Create(null, "b").GetNamespace());
        Assert.Equal(("a/b", "null/b"), (StreamId.Create("a", "b").ToString(), StreamId.Create(null, "b").ToString()));
        Assert.Equal(StreamId.Create("a", "b"), StreamId.Parse("a/b"u8));
        Assert.Equal(StreamId.Create("a", "b"), System.Text.Json.JsonSerializer.Deserialize<StreamId>("""["a","b"]"""));
    }

    [Fact]
    public void A_stream_goes_to_the_same_queue_on_every_engine()
    {
        var mapper = new HashRingBasedPartitionedStreamQueueMapper(["p0", "p1", "p2"], "Topic");
        Assert.Equal(["topic-0", "topic-1", "topic-2"], mapper.GetAllQueues().Select(q => q.ToString()));
        Assert.Equal(["topic-0-0x00000000", "topic-1-0x55555556", "topic-2-0xAAAAAAAC"], mapper.GetAllQueues().Select(q => q.ToStringWithHashCode()));
        var queues = Enumerable.Range(0, 12).Select(i => mapper.GetQueueForStream(StreamId.Create("features", $"client-{i}")));
        Assert.Equal("p1 p0 p1 p2 p0 p0 p0 p1 p2 p1 p2 p0", string.Join(' ', queues.Select(q => mapper.QueueToPartition(q))));
    }

    [Fact]
    public void Tokens_are_ordered_by_number_and_index_and_both_kinds_share_one_order()
    {
        Assert.True(new EventSequenceTokenV2(3, 1).Newer(new EventSequenceTokenV2(3)));
        Assert.True(new EventSequenceTokenV2(2, 9).Older(new EventSequenceTokenV2(3)));
        Assert.Equal<StreamSequenceToken>(new EventSequenceToken(3), new EventSequenceTokenV2(3));
        Assert.Equal(0, new EventSequenceTokenV2(3).CompareTo(new EventSequenceToken(3)));
    }

    private static InProcessTestCluster Cluster(Action<ISiloBuilder> configure)
    {
        var builder = TestClusters.Builder(1);
        builder.ConfigureSilo((_, silo) => configure(silo));
        return builder.Build();
    }
}
