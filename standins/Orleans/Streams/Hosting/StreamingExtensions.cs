using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Streams;

namespace Orleans.Hosting;

/// <summary>Stream providers of a silo.</summary>
public static class SiloBuilderStreamingExtensions
{
    public static ISiloBuilder AddStreaming(this ISiloBuilder builder) => builder.ConfigureServices(static services => services.AddSiloStreaming());

    public static ISiloBuilder AddPersistentStreams(
        this ISiloBuilder builder, string name, Func<IServiceProvider, string, IQueueAdapterFactory> adapterFactory, Action<ISiloPersistentStreamConfigurator> configureStream)
    {
        var configurator = new SiloPersistentStreamConfigurator(name, configure => builder.ConfigureServices(configure), adapterFactory);
        configureStream?.Invoke(configurator);
        return builder;
    }
}

/// <summary>Stream providers of a client.</summary>
public static class ClientBuilderStreamingExtensions
{
    public static IClientBuilder AddStreaming(this IClientBuilder builder) => builder;

    public static IClientBuilder AddPersistentStreams(
        this IClientBuilder builder, string name, Func<IServiceProvider, string, IQueueAdapterFactory> adapterFactory, Action<IClusterClientPersistentStreamConfigurator>? configureStream)
    {
        var configurator = new ClusterClientPersistentStreamConfigurator(name, builder, adapterFactory);
        configureStream?.Invoke(configurator);
        return builder;
    }

    public static IClientBuilder AddMemoryStreams(this IClientBuilder builder, string name, Action<IClusterClientMemoryStreamConfigurator>? configure = null)
    {
        var configurator = new ClusterClientMemoryStreamConfigurator(name, builder);
        configure?.Invoke(configurator);
        return builder;
    }
}

public static class StreamingServiceCollectionExtensions
{
    public static void AddSiloStreaming(this IServiceCollection services)
    {
        if (!services.Any(s => s.IsKeyedService && Equals(s.ServiceKey, typeof(IStreamConsumerExtension))))
            services.AddKeyedScoped<IGrainExtension, StreamConsumerExtension>(typeof(IStreamConsumerExtension));
    }
}
