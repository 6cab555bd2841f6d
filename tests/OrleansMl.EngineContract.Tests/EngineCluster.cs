using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.TestingHost;
using OrleansMl.Testing;

namespace OrleansMl.EngineContract.Tests;

/// <summary>The cluster of the contract suite.</summary>
public sealed class EngineCluster : ClusterFixture
{
    protected override void Configure(InProcessTestClusterBuilder builder)
    {
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddMemoryGrainStorageAsDefault();
            silo.AddMemoryGrainStorage("second");
            silo.UseInMemoryReminderService();
            silo.Configure<ReminderOptions>(o => o.MinimumReminderPeriod = TimeSpan.FromMilliseconds(100));
            silo.Configure<SiloMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(20));
            silo.AddIncomingGrainCallFilter<RecordingIncomingFilter>();
            silo.AddIncomingGrainCallFilter(async context =>
            {
                CallLog.Add(context.TargetId, "incoming 2");
                await context.Invoke();
            });
            silo.AddOutgoingGrainCallFilter(async context =>
            {
                CallLog.Add(context.TargetId, "outgoing silo");
                await context.Invoke();
            });
            silo.AddGrainExtension<IGreetingExtension, GreetingExtension>();
            silo.Services.AddScoped<ScopedService>();
            silo.Services.AddKeyedSingleton("blue", new NamedService("blue"));
            silo.AddStartupTask((services, _) =>
            {
                StartupLog.Add(services.GetRequiredService<ILocalSiloDetails>().Name, "task");
                return Task.CompletedTask;
            });
            silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, StageRecorder>();
        });
        builder.ConfigureClient(client =>
        {
            client.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(20));
            client.AddOutgoingGrainCallFilter(async context =>
            {
                CallLog.Add(context.TargetId, "outgoing client");
                await context.Invoke();
            });
        });
    }
}

[CollectionDefinition(Name)]
public sealed class EngineCollection : ICollectionFixture<EngineCluster>
{
    public const string Name = "engine";
}

/// <summary>Base of the topics: unique keys, so that tests do not meet.</summary>
[Collection(EngineCollection.Name)]
public abstract class EngineTest(EngineCluster engine)
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    protected EngineCluster Engine => engine;

    protected IGrainFactory Grains => engine.Grains;

    protected static string NewKey() => Guid.NewGuid().ToString("N");
}
