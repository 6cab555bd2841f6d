using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans.Storage;
using OrleansMl.Storage;
using OrleansMl.Storage.Embedded;
using OrleansMl.Storage.GrainState;
using OrleansMl.Storage.Reminders;

namespace Orleans.Hosting;

/// <summary>Puts a silo's durable data into the embedded store.</summary>
public static class EmbeddedStoreSiloBuilderExtensions
{
    /// <summary>Name of the storage provider, beside <c>Default</c>, for <c>[PersistentState("…", "oml")]</c>.</summary>
    public const string ProviderName = "oml";

    private const string DefaultProviderName = "Default";

    /// <summary>
    /// Registers the store, opened when first used and closed after the silo has stopped; the grain storage named
    /// <c>Default</c> and <see cref="ProviderName"/>; the reminder table; and <see cref="IEntityLog"/>,
    /// <see cref="IPredictionLog"/>, <see cref="IStreamLog"/>, <see cref="IDeadLetterStore"/>,
    /// <see cref="IArtifactStore"/>, <see cref="IJobStore"/>, <see cref="IMonitoringStore"/> and <see cref="IDatasetStore"/>. A serializer for grain state may be registered as a keyed <see cref="IGrainStateSerializer"/> under a provider's name; else it is JSON. A second
    /// call changes nothing.
    /// </summary>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static ISiloBuilder AddEmbeddedStore(this ISiloBuilder builder, Action<EmbeddedStoreOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new EmbeddedStoreOptions();
        configure(options);
        options.Validate();
        return builder.AddStore(services => services.AddSingleton(provider => EmbeddedStore.Open(
            options,
            provider.GetService<TimeProvider>(),
            provider.GetService<ILoggerFactory>()?.CreateLogger<EmbeddedStore>())));
    }

    /// <summary>The same on a store that is open already, for silos of one process; whoever opened it closes it, after all of them.</summary>
    public static ISiloBuilder AddEmbeddedStore(this ISiloBuilder builder, EmbeddedStore store)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(store);
        return builder.AddStore(services => services.AddSingleton(store));
    }

    private static ISiloBuilder AddStore(this ISiloBuilder builder, Action<IServiceCollection> addStore)
    {
        builder.AddReminders();
        return builder.ConfigureServices(services =>
        {
            if (services.Any(service => service.ServiceType == typeof(EmbeddedStore)))
                return;
            addStore(services);
            services.AddSingleton(provider => provider.GetRequiredService<EmbeddedStore>().EntityLog);
            services.AddSingleton(provider => provider.GetRequiredService<EmbeddedStore>().Predictions);
            services.AddSingleton(provider => provider.GetRequiredService<EmbeddedStore>().Streams);
            services.AddSingleton(provider => provider.GetRequiredService<EmbeddedStore>().DeadLetters);
            services.AddSingleton(provider => provider.GetRequiredService<EmbeddedStore>().Artifacts);
            services.AddSingleton(provider => provider.GetRequiredService<EmbeddedStore>().Jobs);
            services.AddSingleton(provider => provider.GetRequiredService<EmbeddedStore>().Monitoring);
            services.AddSingleton(provider => provider.GetRequiredService<EmbeddedStore>().Datasets);
            services.AddSingleton<IReminderTable, EmbeddedReminderTable>();
            foreach (var name in (string[])[DefaultProviderName, ProviderName])
                services.AddKeyedSingleton<IGrainStorage>(name, (provider, key) => CreateGrainStorage(provider, (string)key!));
            services.TryAddSingleton(provider => provider.GetRequiredKeyedService<IGrainStorage>(DefaultProviderName));
        });
    }

    private static EmbeddedGrainStorage CreateGrainStorage(IServiceProvider provider, string name) => new(
        provider.GetRequiredService<EmbeddedStore>(),
        provider.GetKeyedService<IGrainStateSerializer>(name) ?? new JsonGrainStateSerializer());
}
