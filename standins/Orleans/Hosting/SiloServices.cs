using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;
using Orleans.Timers;

namespace Orleans.Runtime;

/// <summary>The services of a silo, added once per host.</summary>
internal static class SiloServices
{
    public static ISiloBuilder Builder(IServiceCollection services, IConfiguration configuration)
    {
        if (services.FirstOrDefault(s => s.ServiceType == typeof(SiloBuilder))?.ImplementationInstance is SiloBuilder known)
            return known;
        if (services.Any(s => s.ServiceType == typeof(ClientRuntime)))
            throw new OrleansConfigurationException("UseOrleans and UseOrleansClient in one host: a silo's host has a client already, drop UseOrleansClient.");
        var builder = new SiloBuilder(services, configuration);
        services.AddSingleton(builder);
        services.AddOptions();
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(_ => new Serialization.Serializer());
        services.AddSingleton<SiloRuntime>();
        services.AddSingleton<ILocalSiloDetails>(s => s.GetRequiredService<SiloRuntime>());
        services.AddSingleton<IClusterClient, ClusterClient>();
        services.AddSingleton<IGrainFactory>(s => s.GetRequiredService<SiloRuntime>().References);
        services.AddSingleton<IGrainRuntime, GrainRuntime>();
        services.AddSingleton<ITimerRegistry, TimerRegistry>();
        services.AddSingleton<IGrainContextAccessor, GrainContextAccessor>();
        services.AddTransient<IGrainContext>(s => s.GetRequiredService<IGrainContextAccessor>().GrainContext);
        services.TryAddSingleton<IPersistentStateFactory, PersistentStateFactory>();
        services.AddSingleton<IAttributeToFactoryMapper<PersistentStateAttribute>, PersistentStateAttributeMapper>();
        services.AddKeyedScoped<IGrainExtension, GrainManagementExtension>(typeof(Core.Internal.IGrainManagementExtension));
        services.AddHostedService<SiloHost>();
        return builder;
    }
}

/// <summary>The services of a client, added once per host.</summary>
internal static class ClientServices
{
    public static IClientBuilder Builder(IServiceCollection services, IConfiguration configuration)
    {
        if (services.FirstOrDefault(s => s.ServiceType == typeof(ClientBuilder))?.ImplementationInstance is ClientBuilder known)
            return known;
        if (services.Any(s => s.ServiceType == typeof(SiloRuntime)))
            throw new OrleansConfigurationException("UseOrleans and UseOrleansClient in one host: a silo's host has a client already, drop UseOrleansClient.");
        var builder = new ClientBuilder(services, configuration);
        services.AddSingleton(builder);
        services.AddOptions();
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(_ => new Serialization.Serializer());
        services.AddSingleton<ClientRuntime>();
        services.AddSingleton<IClusterClient, ClusterClient>();
        services.AddSingleton<IGrainFactory>(s => s.GetRequiredService<ClientRuntime>().References);
        services.AddHostedService(s => s.GetRequiredService<ClientRuntime>());
        return builder;
    }
}
