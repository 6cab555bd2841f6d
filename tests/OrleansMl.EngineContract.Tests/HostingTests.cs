using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace OrleansMl.EngineContract.Tests;

/// <summary>Notes the stages of a silo's start.</summary>
public sealed class StageRecorder(ILocalSiloDetails silo) : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle lifecycle)
    {
        lifecycle.Subscribe("late", ServiceLifecycleStage.Active, Note("active"), Note("stop active"));
        lifecycle.Subscribe("early", ServiceLifecycleStage.ApplicationServices, Note("application"), Note("stop application"));
    }

    private Func<CancellationToken, Task> Note(string what) => _ =>
    {
        StartupLog.Add(silo.Name, what);
        return Task.CompletedTask;
    };
}

/// <summary>Ports that nothing else uses; one host at a time.</summary>
public sealed class HostingTests(EngineCluster engine) : EngineTest(engine)
{
    [Fact]
    public void Stages_of_a_silo_start_in_order()
    {
        Assert.All(Engine.Cluster.Silos, silo =>
        {
            var log = StartupLog.Of(silo.Name);
            Assert.Equal("application", log[0]);
            Assert.Equal(["active", "task"], log.Skip(1).Order());
        });
    }

    [Fact]
    public void A_silo_knows_its_name_and_cluster()
    {
        var details = Engine.SiloServices.GetRequiredService<ILocalSiloDetails>();
        Assert.Equal(Engine.Cluster.Silos[0].Name, details.Name);
        Assert.Equal(Engine.Cluster.Options.ClusterId, details.ClusterId);
        Assert.Equal(details.ClusterId, Engine.SiloServices.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId);
    }

    [Fact]
    public async Task The_silos_own_factory_and_client_call_grains_from_outside_of_turns()
    {
        var key = NewKey();
        Assert.Equal(key, await Engine.SiloServices.GetRequiredService<IGrainFactory>().GetGrain<IStringKeyGrain>(key).GetKey());
        Assert.Equal(key, await Engine.SiloServices.GetRequiredService<IClusterClient>().GetGrain<IStringKeyGrain>(key).GetKey());
    }

    [Fact]
    public async Task The_management_grain_counts_activations()
    {
        var grain = Grains.GetGrain<IStringKeyGrain>(NewKey());
        await grain.GetKey();
        var management = Grains.GetGrain<IManagementGrain>(0);
        Assert.Contains(grain.GetGrainId(), await management.GetActiveGrains(grain.GetGrainId().Type));
        Assert.NotNull(await management.GetActivationAddress(grain));
        Assert.True(await management.GetTotalActivationCount() > 0);
        Assert.Equal(Engine.Cluster.Silos.Count, (await management.GetHosts(true)).Count);
        Assert.Contains(await management.GetSimpleGrainStatistics(), s => s.GrainType.StartsWith(typeof(StringKeyGrain).FullName!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_web_host_runs_a_silo_beside_its_background_services_and_ends_grains_at_shutdown()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(siloPort: 41711, gatewayPort: 41712, serviceId: "contract", clusterId: NewKey());
            silo.AddMemoryGrainStorageAsDefault();
            silo.AddActivityPropagation();
            silo.Services.AddScoped<ScopedService>();
            silo.Services.AddKeyedSingleton("blue", new NamedService("green"));
        });
        builder.Services.AddHostedService<CallingService>();
        // No address: the host serves nothing, the silo is what counts.
        builder.Services.AddSingleton<Microsoft.AspNetCore.Hosting.Server.IServer, SilentServer>();
        var key = NewKey();
        builder.Services.AddSingleton(new CallingServiceKey(key));
        await using var app = builder.Build();
        await app.StartAsync();
        await Gates.WaitFor($"{key} called");
        Assert.Equal("green", await app.Services.GetRequiredService<IGrainFactory>().GetGrain<ILifeGrain>(key).Keyed());
        await app.StopAsync();
        Assert.Contains("deactivated ShuttingDown", Journal.Of(key));
    }

    private sealed record CallingServiceKey(string Value);

    private sealed class CallingService(IGrainFactory grains, CallingServiceKey key) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await grains.GetGrain<ILifeGrain>(key.Value).Touch();
            Gates.Open($"{key.Value} called");
        }
    }

    private sealed class SilentServer : Microsoft.AspNetCore.Hosting.Server.IServer
    {
        public Microsoft.AspNetCore.Http.Features.IFeatureCollection Features { get; } = new Microsoft.AspNetCore.Http.Features.FeatureCollection();

        public Task StartAsync<TContext>(Microsoft.AspNetCore.Hosting.Server.IHttpApplication<TContext> application, CancellationToken cancellationToken)
            where TContext : notnull => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose()
        {
        }
    }
}
