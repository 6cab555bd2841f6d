using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Hosting;
using Orleans.Storage;
using Orleans.TestingHost;
using OrleansMl.Testing;

namespace OrleansMl.EngineContract.Tests;

/// <summary>A cluster with a store, a reminder table and a clock of our own.</summary>
public sealed class PluginCluster : ClusterFixture
{
    public OwnReminderTable Reminders { get; } = new();

    public CountingClock Clock { get; } = new();

    public string SeededKey { get; } = Guid.NewGuid().ToString("N");

    protected override void Configure(InProcessTestClusterBuilder builder)
    {
        builder.Options.InitialSilosCount = 1;
        Reminders.Seed(new ReminderEntry
        {
            GrainId = GrainId.Create("reminder", SeededKey),
            ReminderName = "seeded",
            StartAt = DateTime.UtcNow.AddHours(-1),
            Period = TimeSpan.FromSeconds(1),
            ETag = "1",
        });
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddGrainStorage("own", (_, name) => new OwnStore(name));
            silo.AddReminders();
            silo.Services.AddSingleton<IReminderTable>(Reminders);
            silo.Services.AddSingleton<TimeProvider>(Clock);
            silo.Configure<SiloMessagingOptions>(o => o.MaxEnqueuedRequestsHardLimit = 5);
        });
    }
}

/// <summary>What an application plugs into the engine.</summary>
public sealed class PluginTests(PluginCluster plugins) : IClassFixture<PluginCluster>
{
    private IGrainFactory Grains => plugins.Grains;

    [Fact]
    public async Task A_store_of_our_own_is_started_with_the_silo_and_keeps_states()
    {
        var store = Assert.IsType<OwnStore>(plugins.SiloServices.GetRequiredKeyedService<IGrainStorage>("own"));
        Assert.Equal(("own", true), (store.Name, store.Started));
        var grain = Grains.GetGrain<IOwnStoreGrain>(Guid.NewGuid().ToString("N"));
        await grain.Set(7);
        await plugins.Cluster.DeactivateAsync(grain);
        Assert.Equal(7, await grain.Get());
        Assert.Equal(["read state", "write state", "read state"], Journal.Of(grain.GetPrimaryKeyString()));
    }

    [Fact]
    public async Task An_error_of_a_store_reaches_the_caller()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => Grains.GetGrain<IOwnStoreGrain>($"broken{Guid.NewGuid():N}").Set(1));
        Assert.Contains("disk full", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stages_of_an_activation_run_in_order()
    {
        Assert.Equal(2, await Grains.GetGrain<IOwnStoreGrain>(Guid.NewGuid().ToString("N")).LifecycleStages());
    }

    [Fact]
    public async Task A_reminder_in_the_table_ticks_after_the_start_though_nobody_registered_it_here()
    {
        Assert.True(plugins.Reminders.Started);
        await Gates.WaitFor($"{plugins.SeededKey} seeded tick 1");
    }

    [Fact]
    public async Task A_registered_reminder_is_in_the_table_until_it_is_unregistered()
    {
        var grain = Grains.GetGrain<IReminderGrain>(Guid.NewGuid().ToString("N"));
        await grain.Register("mine", TimeSpan.FromHours(1), TimeSpan.FromHours(2));
        var row = await plugins.Reminders.ReadRow(grain.GetGrainId(), "mine");
        Assert.NotNull(row);
        Assert.Equal(TimeSpan.FromHours(2), row.Period);
        Assert.InRange(row.StartAt, DateTime.UtcNow.AddMinutes(59), DateTime.UtcNow.AddMinutes(61));
        Assert.Equal(DateTimeKind.Utc, row.StartAt.Kind);
        await grain.Unregister("mine");
        Assert.Null(await plugins.Reminders.ReadRow(grain.GetGrainId(), "mine"));
    }

    [Fact]
    public async Task Timers_run_on_the_hosts_clock()
    {
        var before = plugins.Clock.Timers;
        var gate = Guid.NewGuid().ToString("N");
        await Grains.GetGrain<IOwnStoreGrain>(gate).StartTimer(gate);
        await Gates.WaitFor(gate);
        Assert.True(plugins.Clock.Timers > before);
    }

    [Fact]
    public async Task A_queue_at_its_limit_refuses_more()
    {
        var key = Guid.NewGuid().ToString("N");
        var grain = Grains.GetGrain<IOwnStoreGrain>(key);
        var hold = grain.Hold(key);
        await Gates.WaitFor($"{key} started");
        var calls = Enumerable.Range(0, 20).Select(_ => grain.Get()).ToArray();
        // One runs and five wait, whichever these are: calls from outside may overtake each other on their way.
        var refused = 0;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await foreach (var call in Task.WhenEach(calls).WithCancellation(patience.Token))
        {
            await Assert.ThrowsAsync<LimitExceededException>(() => call);
            if (++refused == 15)
                break;
        }

        Assert.Equal(5, calls.Count(c => !c.IsCompleted));
        Gates.Open(key);
        await hold;
        await Task.WhenAll(calls.Where(c => !c.IsFaulted));
    }
}
