using Microsoft.Extensions.Logging.Abstractions;
using OrleansMl.Streams.Kafka;
using OrleansMl.Streams.Kafka.Clients;
using OrleansMl.Streams.Tests.Support;

namespace OrleansMl.Streams.Tests.Kafka;

/// <summary>A real broker is killed, as by a crash, and comes back.</summary>
[Collection(KafkaCollection.Name)]
public sealed class KafkaOutageTests(KafkaBroker broker)
{
    private static readonly Orleans.Runtime.StreamId All = Some.Stream(OmlStreams.Events, "all");

    [SkippableFact]
    public async Task Nothing_is_lost_or_out_of_order_when_the_broker_is_killed_and_comes_back()
    {
        broker.Require();
        await using var test = new KafkaCase(broker);
        var transport = test.Transport(configure: o => o.AppendTimeout = TimeSpan.FromSeconds(90));
        var reader = await test.ReaderAsync(transport);
        var producing = Task.Run(async () =>
        {
            for (var from = 0; from < 3_000; from += 10)
                await transport.AppendAsync(All, Some.Records(10, "k", from), CancellationToken.None);
        });
        var ids = (await Arrive.ReadAsync(reader, 500)).Select(r => r.Record.Id).ToList();
        await reader.CommitAsync(500, CancellationToken.None);
        await broker.KillAsync();
        var told = 0;
        await Arrive.UntilAsync(
            async () =>
            {
                try
                {
                    ids.AddRange((await reader.ReadAsync(500, TimeSpan.FromMilliseconds(100), CancellationToken.None)).Select(r => r.Record.Id));
                }
                catch (IOException)
                {
                    told++;
                }

                return told > 0;
            },
            "the reader to tell that the broker is away");
        await using var late = test.Transport(configure: o => o.RequestTimeout = TimeSpan.FromSeconds(2)).OpenReader($"{test.Events}/0");
        await Assert.ThrowsAsync<IOException>(() => late.InitializeAsync(CancellationToken.None));
        await broker.StartAsync();
        await producing;
        ids.AddRange((await Arrive.ReadAsync(reader, 3_000 - ids.Count)).Select(r => r.Record.Id));
        Assert.Equal(Enumerable.Range(0, 3_000).Select(Some.Number), ids);
        Assert.Equal(500, reader.Position.Committed);
        await reader.CommitAsync(3_000, CancellationToken.None);
        await Arrive.UntilAsync(async () => await TryOpenAsync(late), "a reader that could not open before");
        Assert.Equal(3_000, late.Position.Committed);
    }

    [Fact]
    public async Task An_append_that_waits_for_a_broker_fails_when_the_producer_ends()
    {
        var producer = new KafkaProducer(new KafkaStreamOptions { BootstrapServers = "127.0.0.1:1", AppendTimeout = TimeSpan.FromMinutes(10) }, NullLogger.Instance);
        var append = producer.AppendAsync("events", [new() { Key = [], Value = [] }], CancellationToken.None);
        await Task.Run(producer.Dispose);
        await Assert.ThrowsAsync<IOException>(() => append);
    }

    private static async Task<bool> TryOpenAsync(ILogReader reader)
    {
        try
        {
            await reader.InitializeAsync(CancellationToken.None);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
