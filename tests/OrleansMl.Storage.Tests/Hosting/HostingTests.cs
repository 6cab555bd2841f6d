using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Storage;
using Orleans.TestingHost;
using OrleansMl.Storage.Embedded;
using OrleansMl.Storage.Reminders;
using OrleansMl.Storage.Tests.Support;
using OrleansMl.Testing;

namespace OrleansMl.Storage.Tests.Hosting;

/// <summary>Silos on the embedded store.</summary>
public sealed class HostingTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task State_and_reminders_of_a_grain_outlive_its_silo_which_lets_the_folder_go()
    {
        await using (var cluster = await StartAsync(silo => silo.AddEmbeddedStore(Configure).AddEmbeddedStore(Configure)))
        {
            var services = cluster.Silos[0].ServiceProvider;
            Assert.Same(services.GetRequiredService<EmbeddedStore>().EntityLog, services.GetRequiredService<IEntityLog>());
            Assert.Same(services.GetRequiredService<EmbeddedStore>().Predictions, services.GetRequiredService<IPredictionLog>());
            Assert.Same(services.GetRequiredService<EmbeddedStore>().Streams, services.GetRequiredService<IStreamLog>());
            Assert.Same(services.GetRequiredService<EmbeddedStore>().DeadLetters, services.GetRequiredService<IDeadLetterStore>());
            Assert.Same(services.GetRequiredService<EmbeddedStore>().Artifacts, services.GetRequiredService<IArtifactStore>());
            Assert.IsType<EmbeddedReminderTable>(services.GetRequiredService<IReminderTable>());
            Assert.Same(services.GetRequiredKeyedService<IGrainStorage>("Default"), services.GetRequiredService<IGrainStorage>());
            Assert.NotNull(services.GetKeyedService<IGrainStorage>("oml"));

            var grain = cluster.Client.GetGrain<ITallyGrain>("x/y");
            Assert.Equal(1, await grain.AddAsync());
            Assert.Equal(2, await grain.AddAsync());
            await grain.RemindAsync();
            Assert.Throws<StoreLockedException>(() => _folder.Open());
        }

        _folder.Open().Dispose();
        await using var again = await StartAsync(silo => silo.AddEmbeddedStore(Configure));
        var revived = again.Client.GetGrain<ITallyGrain>("x/y");
        Assert.Equal(3, await revived.AddAsync());
        Assert.Equal(["hourly"], await revived.RemindersAsync());
        await revived.ClearAsync();
        Assert.Equal(1, await revived.AddAsync());
    }

    [Fact]
    public async Task Silos_of_one_process_share_an_open_store_and_do_not_close_it()
    {
        using var store = _folder.Open();
        await using (var cluster = await StartAsync(silo => silo.AddEmbeddedStore(store), silos: 2))
        {
            foreach (var silo in cluster.Silos)
                Assert.Same(store, silo.ServiceProvider.GetRequiredService<EmbeddedStore>());
            await Task.WhenAll(Enumerable.Range(0, 20).Select(i => cluster.Client.GetGrain<ITallyGrain>($"g{i}").AddAsync()));
        }

        await store.EntityLog.AppendAsync("c:1", 0, [Some.Record("a")], Some.Noon);
        Assert.Equal(1, await store.EntityLog.GetLastSequenceAsync("c:1"));
    }

    [Fact]
    public async Task A_silo_without_a_data_folder_is_refused_when_it_is_configured()
    {
        var builder = TestClusters.Builder(1);
        builder.ConfigureSilo((_, silo) => silo.AddEmbeddedStore(_ => { }));
        var error = await Record.ExceptionAsync(async () =>
        {
            await using var cluster = builder.Build();
            await cluster.DeployAsync();
        });
        Assert.Contains("EmbeddedStoreOptions.DataFolder", error!.ToString(), StringComparison.Ordinal);
    }

    private static async Task<InProcessTestCluster> StartAsync(Action<ISiloBuilder> configure, short silos = 1)
    {
        var builder = TestClusters.Builder(silos);
        builder.ConfigureSilo((_, silo) => configure(silo));
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }

    private void Configure(EmbeddedStoreOptions options)
    {
        options.DataFolder = _folder.Path;
        options.Durability = StoreDurability.Process;
    }
}
