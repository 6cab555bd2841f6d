using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Streams;
using Orleans.TestingHost;
using OrleansMl.Storage;
using OrleansMl.Testing;

namespace OrleansMl.Streams.Tests.Adapter;

/// <summary>The adapter over a log in memory: every promise of a provider that does not depend on the log.</summary>
public sealed class AdapterTests : IAsyncLifetime
{
    private const string Provider = "memory";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly MemoryLog _log = new();
    private readonly LettersInMemory _letters = new();
    private readonly string _run = Guid.NewGuid().ToString("n");
    private InProcessTestCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        var builder = TestClusters.Builder();
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton<IDeadLetterSink>(_letters);
            silo.AddLogStreams(Provider, (_, _) => _log, o =>
            {
                o.CachedRecords = 64;
                o.ReadWait = TimeSpan.FromMilliseconds(20);
                o.CommitInterval = TimeSpan.Zero;
                o.MaxDeliveryTime = TimeSpan.FromSeconds(1);
                o.MaxBackoff = TimeSpan.FromMilliseconds(200);
            });
        });
        builder.ConfigureClient(client => client.AddLogStreams(Provider, (_, _) => _log));
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Records_come_in_order_one_by_one_or_in_batches()
    {
        await ProduceAsync("single", "a0", 200);
        await ProduceAsync(OmlStreams.Events, "b0", 200);
        await UntilAsync(() => Of("a0").Taken.Count == 200 && Of("b0").Taken.Count == 200);
        Assert.Equal(Ids(200), Of("a0").Taken);
        Assert.Equal(Ids(200), Of("b0").Taken);
        Assert.All(Of("a0").Sizes, s => Assert.Equal(1, s));
        Assert.Contains(Of("b0").Sizes, s => s > 1);
    }

    [Fact]
    public async Task What_a_consumer_refuses_for_a_while_comes_again_and_the_position_waits()
    {
        var refuse = true;
        Of("a0").Before = ids => refuse && ids.Contains("5") ? throw new InvalidOperationException("not now") : Task.CompletedTask;
        await ProduceAsync("single", "a0", 10);
        await UntilAsync(() => Of("a0").Failed.Count >= 2);
        Assert.Equal(Ids(5), Of("a0").Taken);
        Assert.True(_log.Committed("p/0") <= 5, "The position passed a record that was not taken.");
        refuse = false;
        await UntilAsync(() => Of("a0").Taken.Count == 10);
        Assert.Equal(Ids(10), Of("a0").Taken);
        await UntilAsync(() => _log.Committed("p/0") == 10);
        Assert.Empty(_letters.All);
    }

    [Fact]
    public async Task A_record_that_is_refused_for_too_long_is_a_dead_letter_and_the_next_ones_come()
    {
        Of("a0").Before = ids => ids.Contains("3") ? throw new InvalidOperationException("never") : Task.CompletedTask;
        await ProduceAsync("single", "a0", 8);
        await UntilAsync(() => Of("a0").Taken.Count == 7);
        var letter = Assert.Single(_letters.All.Values);
        Assert.Equal(("delivery_failed", "memory:p/0@3", "3", "single"), (letter.Reason, letter.Source, letter.RecordId, letter.Namespace));
        Assert.Equal(["0", "1", "2", "4", "5", "6", "7"], Of("a0").Taken);
        await UntilAsync(() => _log.Committed("p/0") == 8);
        Assert.Contains(Of("a0").Errors, e => e is StreamEventDeliveryFailureException);
    }

    [Fact]
    public async Task While_dead_letters_cannot_be_stored_the_position_waits_and_other_records_go_on()
    {
        _letters.Away = true;
        _log.AppendFault("p/0", StreamId.Create("single", Key("a0")), Record("bad"), new LogFault("unparsable", "no JSON"));
        await ProduceAsync("single", "a0", 5);
        await UntilAsync(() => Of("a0").Taken.Count == 5);
        Assert.Equal(0, _log.Committed("p/0"));
        _letters.Away = false;
        await UntilAsync(() => _log.Committed("p/0") == 6);
        Assert.Equal("unparsable", Assert.Single(_letters.All.Values).Reason);
    }

    [Fact]
    public async Task A_consumer_that_waits_holds_up_its_own_stream_only()
    {
        var gate = new TaskCompletionSource();
        Of("slow0").Before = _ => gate.Task;
        await ProduceAsync("single", "slow0", 3);
        await ProduceAsync("single", "quick0", 300);
        await UntilAsync(() => Of("quick0").Taken.Count == 300);
        Assert.Empty(Of("slow0").Taken);
        Assert.Equal(0, _log.Committed("p/0"));
        gate.SetResult();
        await UntilAsync(() => Of("slow0").Taken.Count == 3 && _log.Committed("p/0") == 303);
    }

    [Fact]
    public async Task A_full_cache_is_not_read_into()
    {
        var gate = new TaskCompletionSource();
        Of("a0").Before = _ => gate.Task;
        await ProduceAsync("single", "a0", 500);
        await UntilAsync(() => _log.OpenedPosition("p/0") >= 64);
        Assert.Equal(64, _log.OpenedPosition("p/0"));
        gate.SetResult();
        await UntilAsync(() => Of("a0").Taken.Count == 500);
        Assert.True(_log.LargestRead <= 64);
    }

    [Fact]
    public async Task Nobody_listens_then_records_pass()
    {
        await ProduceAsync("unheard", "a0", 20);
        await UntilAsync(() => _log.Committed("p/0") == 20);
    }

    [Fact]
    public async Task A_log_that_is_away_for_a_while_is_read_on()
    {
        var throws = 3;
        _log.BeforeRead = _ =>
        {
            if (Interlocked.Decrement(ref throws) >= 0)
                throw new IOException("away");
        };
        await ProduceAsync("single", "a0", 5);
        await UntilAsync(() => Of("a0").Taken.Count == 5);
    }

    [Fact]
    public async Task After_a_clean_stop_nothing_comes_twice()
    {
        await ProduceAsync("single", "a0", 50);
        await ProduceAsync("single", "b1", 50);
        await UntilAsync(() => Of("a0").Taken.Count == 50 && Of("b1").Taken.Count == 50);
        await _cluster.StopAllSilosAsync();
        Assert.Equal((50, 50), (_log.Committed("p/0"), _log.Committed("p/1")));
    }

    [Fact]
    public async Task A_partition_is_rewound()
    {
        await ProduceAsync("single", "a0", 30);
        await UntilAsync(() => Of("a0").Taken.Count == 30);
        await Control.RewindAsync(Provider, "p/0", LogStart.AtOffset(20));
        await UntilAsync(() => Of("a0").Taken.Count == 40);
        Assert.Equal(Enumerable.Range(20, 10).Select(i => i.ToString()), Of("a0").Taken.Skip(30));
        var wrong = await Assert.ThrowsAsync<ArgumentException>(() => Control.RewindAsync(Provider, "p/9", LogStart.Earliest));
        Assert.Contains("p/0, p/1", wrong.Message);
    }

    [Fact]
    public async Task The_request_context_travels()
    {
        RequestContext.Set("who", "me");
        await ProduceAsync("single", "a0", 1);
        RequestContext.Clear();
        await UntilAsync(() => Of("a0").Taken.Count == 1);
        Assert.Equal("me", Assert.Single(Of("a0").Contexts));
    }

    [SkippableFact]
    public async Task Messages_of_an_application_travel_in_the_engines_serialization()
    {
        Skip.If(EngineInfo.IsStandIn, "The stand-in has no binary serialization.");
        var typed = Grains.GetGrain<ITypedGrain>(Key("typed0"));
        await _cluster.Client.GetStreamProvider(Provider).GetStream<Reading>(StreamId.Create("typed", Key("typed0"))).OnNextAsync(new Reading("t", 21.5));
        await UntilAsync(() => typed.LastAsync().Result is not null);
        Assert.Equal(new Reading("t", 21.5), await typed.LastAsync());
    }

    [Fact]
    public async Task Lag_is_known()
    {
        var gate = new TaskCompletionSource();
        Of("a0").Before = _ => gate.Task;
        await ProduceAsync("single", "a0", 12);
        await UntilAsync(() => Statuses.Any(p => p.Partition == "p/0" && p.Position.Lag == 12));
        gate.SetResult();
        await UntilAsync(() => Statuses.Any(p => p.Partition == "p/0" && p.Position.Lag == 0));
    }

    private IGrainFactory Grains => _cluster.Client;

    private IStreamControl Control => _cluster.Silos[0].ServiceProvider.GetRequiredService<IStreamControl>();

    private IEnumerable<PartitionStatus> Statuses => _cluster.Silos.SelectMany(s => s.ServiceProvider.GetRequiredService<IStreamControl>().Partitions);

    private static IEnumerable<string> Ids(int count) => Enumerable.Range(0, count).Select(i => i.ToString());

    private static StreamRecord Record(string id) => new() { Id = id, Type = "t", Data = "{}"u8.ToArray() };

    private string Key(string name) => _run + name;

    private Deliveries Of(string name) => Deliveries.Of(Key(name));

    private Task ProduceAsync(string ns, string name, int count) =>
        _cluster.Client.GetStreamProvider(Provider).GetStream<StreamRecord>(StreamId.Create(ns, Key(name))).OnNextBatchAsync(Ids(count).Select(Record));

    private static async Task UntilAsync(Func<bool> condition)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < deadline, "It did not happen in time.");
            await Task.Delay(5);
        }
    }

    private sealed class LettersInMemory : IDeadLetterSink
    {
        public ConcurrentDictionary<string, DeadLetter> All { get; } = new();

        public bool Away { get; set; }

        public Task WriteAsync(IReadOnlyList<DeadLetter> letters, CancellationToken cancellationToken)
        {
            if (Away)
                throw new IOException("The letters cannot be stored now.");
            foreach (var letter in letters)
                All.TryAdd(letter.Source, letter);
            return Task.CompletedTask;
        }
    }
}
