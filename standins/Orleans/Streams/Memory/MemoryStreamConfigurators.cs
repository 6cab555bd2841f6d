using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Providers;

namespace Orleans.Hosting;

public interface IMemoryStreamConfigurator : INamedServiceConfigurator;

public interface ISiloMemoryStreamConfigurator : IMemoryStreamConfigurator, ISiloPersistentStreamConfigurator;

public interface IClusterClientMemoryStreamConfigurator : IMemoryStreamConfigurator, IClusterClientPersistentStreamConfigurator;

public static class MemoryStreamConfiguratorExtensions
{
    public static void ConfigurePartitioning(this IMemoryStreamConfigurator configurator, int numOfQueues = HashRingStreamQueueMapperOptions.DEFAULT_NUM_QUEUES) =>
        configurator.Configure<HashRingStreamQueueMapperOptions>(ob => ob.Configure(options => options.TotalQueueCount = numOfQueues));
}

internal sealed class SiloMemoryStreamConfigurator(string name, Action<Action<IServiceCollection>> configureServices)
    : SiloPersistentStreamConfigurator(name, configureServices, MemoryAdapterFactory.Create), ISiloMemoryStreamConfigurator;

internal sealed class ClusterClientMemoryStreamConfigurator(string name, IClientBuilder builder)
    : ClusterClientPersistentStreamConfigurator(name, builder, MemoryAdapterFactory.Create), IClusterClientMemoryStreamConfigurator;

/// <summary>Streams in memory.</summary>
public static class SiloBuilderMemoryStreamExtensions
{
    public static ISiloBuilder AddMemoryStreams(this ISiloBuilder builder, string name, Action<ISiloMemoryStreamConfigurator>? configure = null)
    {
        var configurator = new SiloMemoryStreamConfigurator(name, delegates => builder.ConfigureServices(delegates));
        configure?.Invoke(configurator);
        return builder;
    }
}
