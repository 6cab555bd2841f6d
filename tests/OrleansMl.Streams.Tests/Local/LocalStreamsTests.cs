using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Streams;
using Orleans.TestingHost;
using OrleansMl.Storage.Embedded;
using OrleansMl.Streams.Tests.Adapter;
using OrleansMl.Streams.Tests.Support;
using OrleansMl.Testing;

namespace OrleansMl.Streams.Tests.Local;

/// <summary>Silos with a stream provider over one embedded store.</summary>
public sealed class LocalStreamsTests : IDisposable
{
    private const string Provider = "local";

    private readonly StoreFolder _folder = new();
    private readonly string _run = Guid.NewGuid().ToString("n");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Streams_of_all_queues_come_in_order_to_silos_that_share_the_store()
    {
        using var store = _folder.Open();
        await using var cluster = await StartAsync(store);
        var keys = Enumerable.Range(0, 20).Select(i => $"{_run}{i}").ToList();
        await Task.WhenAll(keys.Select(key => ProduceAsync(cluster, key, 0, 50)));
        await Arrive.UntilAsync(() => keys.TrueForAll(k => Deliveries.Of(k).Taken.Count >= 50), "50 records of each stream");
        Assert.All(keys, key => Assert.Equal(Enumerable.Range(0, 50).Select(Some.Number), Deliveries.Of(key).Taken.Distinct()));
    }

    [Fact]
    public async Task What_was_produced_while_no_silo_ran_comes_after_the_next_start()
    {
        var key = _run + "a";
        using (var store = _folder.Open())
        {
            await using (var cluster = await StartAsync(store))
            {
                await ProduceAsync(cluster, key, 0, 10);
                await Arrive.UntilAsync(() => Deliveries.Of(key).Taken.Count >= 10, "10 records");
            }

            await new LocalTransport(store.Streams).AppendAsync(Some.Stream("single", key), Some.Records(10, from: 10), default);
        }

        using var again = _folder.Open();
        await using (await StartAsync(again))
            await Arrive.UntilAsync(() => Deliveries.Of(key).Taken.Distinct().Count() == 20, "20 records");

        // A delivery that the stop has cut off before its acknowledgement comes again, and in its place.
        Assert.Equal(Enumerable.Range(0, 20).Select(Some.Number), Deliveries.Of(key).Taken.Distinct());
    }

    [Fact]
    public async Task What_is_no_record_lies_with_the_dead_letters_of_the_store()
    {
        using var store = _folder.Open(queues: 1);
        await using var cluster = await StartAsync(store);
        await store.Streams.AppendAsync([new("single", _run, new byte[] { 99 })]);
        await ProduceAsync(cluster, _run, 0, 1);
        await Arrive.UntilAsync(async () => (await store.Streams.GetQueueAsync(0)).Position == 2, "the position behind both");
        var letter = Assert.Single(await store.DeadLetters.ListAsync(null, 10));
        Assert.Equal(("local:queue/0@0", "unparsable", _run), (letter.Source, letter.Reason, letter.Key));
        Assert.Equal([Some.Number(0)], Deliveries.Of(_run).Taken);
    }

    [Fact]
    public async Task A_silo_without_a_store_is_told_what_it_lacks()
    {
        var builder = TestClusters.Builder(1);
        builder.ConfigureSilo((_, silo) => silo.AddLocalStreams(Provider));
        var error = await Record.ExceptionAsync(async () =>
        {
            await using var cluster = builder.Build();
            await cluster.DeployAsync();
        });
        Assert.Contains("AddEmbeddedStore", error!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_of_another_process_is_told_what_it_lacks()
    {
        using var store = _folder.Open();
        var builder = TestClusters.Builder(1);
        builder.ConfigureSilo((_, silo) => silo.AddEmbeddedStore(store).AddLocalStreams(Provider));
        builder.ConfigureClient(client => client.AddLocalStreams(Provider));
        var error = await Record.ExceptionAsync(async () =>
        {
            await using var cluster = builder.Build();
            await cluster.DeployAsync();
        });
        Assert.Contains("services.AddSingleton(store.Streams)", error!.ToString(), StringComparison.Ordinal);
    }

    private static async Task<InProcessTestCluster> StartAsync(EmbeddedStore store)
    {
        var builder = TestClusters.Builder();
        builder.ConfigureSilo((_, silo) => silo.AddEmbeddedStore(store).AddLocalStreams(Provider, Quick).AddLocalStreams(Provider));
        builder.ConfigureClient(client =>
        {
            client.Services.AddSingleton(store.Streams);
            client.AddLocalStreams(Provider);
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }

    private static void Quick(LogStreamOptions options) => (options.ReadWait, options.CommitInterval) = (TimeSpan.FromMilliseconds(20), TimeSpan.Zero);

    private static Task ProduceAsync(InProcessTestCluster cluster, string key, int from, int count) =>
        cluster.Client.GetStreamProvider(Provider).GetStream<StreamRecord>(StreamId.Create("single", key)).OnNextBatchAsync(Some.Records(count, from: from));
}
