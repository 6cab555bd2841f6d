using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Streams;
using Orleans.TestingHost;
using OrleansMl.Streams.Tests.Adapter;
using OrleansMl.Streams.Tests.Support;
using OrleansMl.Testing;

namespace OrleansMl.Streams.Tests.Contract;

/// <summary>What a stream provider promises, whichever log it stands on: derive once for each.</summary>
public abstract class StreamProviderContract<THarness>(THarness harness) : IAsyncLifetime
    where THarness : IProviderHarness
{
    private const string Single = "single";
    private readonly string _run = Guid.NewGuid().ToString("n");
    private InProcessTestCluster? _cluster;

    protected THarness Harness => harness;

    protected RecordedLetters Letters { get; } = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
        await harness.DisposeAsync();
    }

    [SkippableFact]
    public async Task Records_of_every_stream_come_in_order()
    {
        await DeployAsync();
        var streams = Enumerable.Range(0, 12).Select(i => (Namespace: i % 2 == 0 ? Single : OmlStreams.Events, Name: $"s{i}")).ToList();
        await Task.WhenAll(streams.Select(async s =>
        {
            for (var from = 0; from < 100; from += 10)
                await ProduceAsync(s.Namespace, s.Name, from, 10);
        }));
        await Arrive.UntilAsync(() => streams.All(s => Of(s.Name).Taken.Count >= 100), "all records of all streams");
        Assert.All(streams, s => Assert.Equal(Ids(0, 100), Of(s.Name).Taken.Distinct()));
        Assert.Empty(Letters.All);
    }

    [SkippableFact]
    public async Task What_a_consumer_refuses_for_a_while_comes_again_in_order()
    {
        await DeployAsync(maxDelivery: TimeSpan.FromMinutes(1));
        var refusals = 3;
        Of("a").Before = ids => ids.Contains(Id(5)) && Interlocked.Decrement(ref refusals) >= 0 ? throw new InvalidOperationException("not now") : Task.CompletedTask;
        await ProduceAsync(Single, "a", 0, 20);
        await Arrive.UntilAsync(() => Of("a").Taken.Count >= 20, "all records");
        Assert.Equal(Ids(0, 20), Of("a").Taken);
        Assert.Equal(3, Of("a").Failed.Count);
        Assert.Empty(Letters.All);
    }

    [SkippableFact]
    public async Task A_record_that_is_refused_for_too_long_is_a_dead_letter_and_later_ones_come()
    {
        await DeployAsync(maxDelivery: TimeSpan.FromSeconds(1));
        Of("a").Before = ids => ids.Contains(Id(3)) ? throw new InvalidOperationException("never") : Task.CompletedTask;
        await ProduceAsync(Single, "a", 0, 10);
        await Arrive.UntilAsync(() => Of("a").Taken.Count >= 9, "the other records");
        Assert.Equal(Ids(0, 10).Except([Id(3)]), Of("a").Taken);
        var letter = Assert.Single(Letters.All);
        Assert.Equal(("delivery_failed", Id(3), Single, "t"), (letter.Reason, letter.RecordId, letter.Namespace, letter.Type));
        Assert.StartsWith($"{harness.Transport.Kind}:", letter.Source, StringComparison.Ordinal);
        Assert.Equal("{}", System.Text.Encoding.UTF8.GetString(letter.Payload.Span));
        await StopAsync();
        await EverythingIsDoneWithAsync();
    }

    [SkippableFact]
    public async Task What_is_no_record_is_a_dead_letter_and_later_records_come()
    {
        await DeployAsync();
        await ProduceAsync(Single, "a", 0, 3);
        Skip.IfNot(await harness.TryAppendGarbageAsync(Single, Key("a")), $"The log '{harness.Transport.Kind}' holds only records.");
        await ProduceAsync(Single, "a", 3, 3);
        await Arrive.UntilAsync(() => Of("a").Taken.Count >= 6 && Letters.All.Count == 1, "the records around it, and the letter");
        Assert.Equal(Ids(0, 6), Of("a").Taken);
        Assert.Equal("unparsable", Letters.All[0].Reason);
        await StopAsync();
        await EverythingIsDoneWithAsync();
    }

    [SkippableFact]
    public async Task After_a_clean_stop_the_stored_positions_are_the_ends_and_nothing_comes_twice()
    {
        await DeployAsync();
        for (var i = 0; i < 8; i++)
            await ProduceAsync(i % 2 == 0 ? Single : OmlStreams.Events, $"s{i}", 0, 25);
        await Arrive.UntilAsync(() => Enumerable.Range(0, 8).All(i => Of($"s{i}").Taken.Count == 25), "all records");
        await StopAsync();
        await EverythingIsDoneWithAsync();
        await DeployAsync();
        await ProduceAsync(Single, "s0", 25, 1);
        await Arrive.UntilAsync(() => Of("s0").Taken.Count >= 26, "the record after the restart");
        Assert.Equal(Ids(0, 26), Of("s0").Taken);
    }

    [SkippableFact]
    public async Task The_stored_position_never_passes_a_record_that_is_not_done_with()
    {
        await DeployAsync(maxDelivery: TimeSpan.FromMinutes(1));
        var gate = new TaskCompletionSource();
        Of("slow").Before = _ => gate.Task;
        await ProduceAsync(Single, "slow", 0, 5);
        for (var i = 0; i < 6; i++)
            await ProduceAsync(Single, $"quick{i}", 0, 50);
        await Arrive.UntilAsync(() => Enumerable.Range(0, 6).All(i => Of($"quick{i}").Taken.Count >= 50), "the other streams");
        await Arrive.UntilAsync(() => Statuses.Any(p => p.Position.Lag >= 5), "the lag of the stream that waits");
        await StopAsync(gate);
        var taken = Of("slow").Taken.Count;
        await DeployAsync();
        await Arrive.UntilAsync(() => Of("slow").Taken.Distinct().Count() == 5, $"the five records ({taken} were taken before)");
        Assert.Equal(Ids(0, 5), Of("slow").Taken.Distinct());
    }

    [SkippableFact]
    public async Task Records_appended_while_no_silo_runs_come_at_the_next_start()
    {
        await DeployAsync();
        await ProduceAsync(Single, "a", 0, 10);
        await Arrive.UntilAsync(() => Of("a").Taken.Count >= 10, "the first records");
        await StopAsync();
        await harness.Transport.AppendAsync(StreamId.Create(Single, Key("a")), [.. Ids(10, 10).Select(Record)], CancellationToken.None);
        await DeployAsync();
        await Arrive.UntilAsync(() => Of("a").Taken.Distinct().Count() == 20, "the records of the meantime");
        // A silo that starts later takes partitions over: what the first had read and not stored comes again.
        Assert.Equal(Ids(0, 20), Of("a").Taken.Distinct());
        Assert.Equal(Ids(0, 10), Of("a").Taken.Take(10));
        Assert.DoesNotContain(Of("a").Taken.Skip(10), id => Ids(0, 10).Contains(id));
    }

    [SkippableFact]
    public async Task Lag_is_reported_by_partition()
    {
        await DeployAsync(maxDelivery: TimeSpan.FromMinutes(1));
        var gate = new TaskCompletionSource();
        Of("a").Before = _ => gate.Task;
        await ProduceAsync(Single, "a", 0, 12);
        await Arrive.UntilAsync(() => Statuses.Any(p => p.Position.Lag == 12), "a lag of 12");
        Assert.Equal(harness.Transport.Partitions.Order(), Statuses.Select(p => p.Partition).Distinct().Order());
        gate.SetResult();
        await Arrive.UntilAsync(() => Statuses.All(p => p.Position.Lag == 0), "no lag");
    }

    [SkippableFact]
    public async Task A_provider_that_is_rewound_delivers_again_in_order()
    {
        await DeployAsync();
        await ProduceAsync(Single, "a", 0, 30);
        await Arrive.UntilAsync(() => Of("a").Taken.Count == 30, "all records");
        await Control.RewindAsync(harness.Provider, null, LogStart.Earliest);
        await Arrive.UntilAsync(() => Of("a").Taken.Count >= 60, "all records again");
        Assert.Equal(Ids(0, 30).Concat(Ids(0, 30)), Of("a").Taken);
    }

    [SkippableFact]
    public async Task A_log_that_crashes_and_comes_back_is_read_on()
    {
        await DeployAsync(maxDelivery: TimeSpan.FromMinutes(1));
        await ProduceAsync(Single, "a", 0, 50);
        Skip.IfNot(
            await harness.TryCrashAsync(() => Arrive.UntilAsync(() => Of("a").Taken.Count >= 1, "some records, of what was cached")),
            $"The log '{harness.Transport.Kind}' lives and dies with the silo.");
        await ProduceAsync(Single, "a", 50, 50);
        await Arrive.UntilAsync(() => Of("a").Taken.Distinct().Count() == 100, "all records");
        Assert.Equal(Ids(0, 100), Of("a").Taken.Distinct());
        await StopAsync();
        await EverythingIsDoneWithAsync();
    }

    [SkippableFact]
    public async Task Partitions_move_to_a_silo_that_joins_and_away_from_one_that_is_killed()
    {
        Skip.If(EngineInfo.IsStandIn, "The stand-in engine is one silo.");
        await DeployAsync(maxDelivery: TimeSpan.FromMinutes(2));
        using var enough = new CancellationTokenSource();
        var produced = 0;
        var producing = Task.Run(async () =>
        {
            // By the log itself: a producer's own gateway may be the silo that dies.
            while (!enough.IsCancellationRequested)
            {
                for (var s = 0; s < 4; s++)
                    await harness.Transport.AppendAsync(StreamId.Create(Single, Key($"m{s}")), [.. Ids(produced, 5).Select(Record)], CancellationToken.None);
                produced += 5;
                await Task.Delay(20);
            }
        });
        await Arrive.UntilAsync(() => Of("m0").Taken.Count >= 50, "the first records");

        // The engine's balancer places by hash: a silo that joins may get nothing of a few partitions.
        do
        {
            await _cluster!.StartAdditionalSiloAsync();
            await EachPartitionHasOneOwnerAsync();
        }
        while (_cluster.Silos.Count < 5 && _cluster.Silos.Skip(2).All(s => PartitionsOf(s).Count == 0));
        var victim = _cluster.Silos.Skip(1).FirstOrDefault(s => PartitionsOf(s).Count > 0) ?? _cluster.Silos[1];
        await _cluster.KillSiloAsync(victim);
        var here = produced;
        await Arrive.UntilAsync(() => Enumerable.Range(0, 4).All(s => Of($"m{s}").Taken.Distinct().Count() >= here), "the records after the silo was killed");
        await enough.CancelAsync();
        await producing;
        await Arrive.UntilAsync(() => Enumerable.Range(0, 4).All(s => Of($"m{s}").Taken.Distinct().Count() == produced), "every record");
        Assert.All(Enumerable.Range(0, 4), s => Assert.Equal(Ids(0, produced), Of($"m{s}").Taken.Distinct()));
        await EachPartitionHasOneOwnerAsync();
        Assert.Empty(Letters.All);
    }

    protected async Task DeployAsync(TimeSpan? maxDelivery = null)
    {
        if (_cluster is null)
            await harness.StartAsync();
        else
            await _cluster.DisposeAsync();
        var builder = TestClusters.Builder();
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton<IDeadLetterSink>(Letters);
            harness.Configure(silo, o =>
            {
                o.BatchRecordsByNamespace[OmlStreams.Events] = 16;
                o.ReadWait = TimeSpan.FromMilliseconds(50);
                o.CommitInterval = TimeSpan.FromMilliseconds(100);
                o.MaxDeliveryTime = maxDelivery ?? TimeSpan.FromSeconds(10);
                o.MaxBackoff = TimeSpan.FromMilliseconds(200);
            });
        });
        builder.ConfigureClient(harness.Configure);
        _cluster = builder.Build();
        await _cluster.DeployAsync();
        // Until partitions have moved to the silo that started last, records may come twice.
        await EachPartitionHasOneOwnerAsync();
    }

    protected Task ProduceAsync(string streamNamespace, string name, int from, int count) =>
        _cluster!.Client.GetStreamProvider(harness.Provider).GetStream<StreamRecord>(StreamId.Create(streamNamespace, Key(name))).OnNextBatchAsync(Ids(from, count).Select(Record));

    protected Deliveries Of(string name) => Deliveries.Of(Key(name));

    /// <summary>Stops all silos as a deployment does. What the gate holds goes on first, or the stop would wait for it.</summary>
    protected async Task StopAsync(TaskCompletionSource? gate = null)
    {
        var stopping = _cluster!.StopAllSilosAsync();
        gate?.SetResult();
        await stopping;
    }

    protected async Task EverythingIsDoneWithAsync()
    {
        foreach (var partition in harness.Transport.Partitions)
        {
            await using var reader = harness.Transport.OpenReader(partition);
            await reader.InitializeAsync(CancellationToken.None);
            Assert.Equal((partition, Math.Max(0, reader.Position.End)), (partition, Math.Max(0, reader.Position.Committed)));
        }
    }

    private IStreamControl Control => _cluster!.Silos[0].ServiceProvider.GetRequiredService<IStreamControl>();

    private List<PartitionStatus> Statuses => [.. _cluster!.GetActiveSilos().SelectMany(PartitionsOf)];

    private static IReadOnlyList<PartitionStatus> PartitionsOf(InProcessSiloHandle silo) => silo.ServiceProvider.GetRequiredService<IStreamControl>().Partitions;

    private Task EachPartitionHasOneOwnerAsync() => Arrive.UntilAsync(
        () => Statuses.Select(p => p.Partition).Order().SequenceEqual(harness.Transport.Partitions.Order()),
        "one owner for each partition");

    private string Key(string name) => _run + name;

    private static string Id(int i) => Some.Number(i);

    private static IEnumerable<string> Ids(int from, int count) => Enumerable.Range(from, count).Select(Id);

    private static StreamRecord Record(string id) => new() { Id = id, Type = "t", Data = "{}"u8.ToArray() };
}
