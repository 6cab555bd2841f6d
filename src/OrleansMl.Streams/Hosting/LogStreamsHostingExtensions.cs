using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Streams;
using OrleansMl.Streams;

namespace Orleans.Hosting;

/// <summary>Puts a stream provider over a log into a silo or a client.</summary>
public static class LogStreamsHostingExtensions
{
    /// <summary>How often an agent whose last read was empty asks again; a read waits by itself, so this is only the gap between two.</summary>
    private static readonly TimeSpan PumpPeriod = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// Adds a stream provider over <paramref name="transport"/>: at least once, in order per stream, dead letters before the
    /// stored position passes. Subscriptions are implicit (<see cref="ImplicitStreamSubscriptionAttribute"/>).
    /// </summary>
    public static ISiloBuilder AddLogStreams(this ISiloBuilder builder, string name, Func<IServiceProvider, string, ILogTransport> transport, Action<LogStreamOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(transport);
        var services = builder.Services;
        AddShared(services, name, transport);
        var options = new LogStreamOptions();
        configure?.Invoke(options);
        options.Validate(name);
        if (configure is not null)
            services.Configure(name, configure);
        services.TryAddSingleton<IStreamControl, StreamControl>();
        builder.AddPersistentStreams(name, Factory, streams =>
        {
            streams.ConfigureStreamPubSub(StreamPubSubType.ImplicitOnly);
            streams.ConfigurePullingAgent(agent => agent.Configure<IOptionsMonitor<LogStreamOptions>>((pulling, monitor) =>
            {
                var log = monitor.Get(name);
                pulling.GetQueueMsgsTimerPeriod = PumpPeriod;
                pulling.MaxEventDeliveryTime = log.MaxDeliveryTime;
                pulling.InitQueueTimeout = log.OpenTimeout;
            }));
            streams.ConfigureBackoffProvider((provider, its) => (Runtime.Providers.IMessageDeliveryBackoffProvider)Backoff(provider, its));
            streams.ConfigureBackoffProvider((provider, its) => (Runtime.Providers.IQueueReaderBackoffProvider)Backoff(provider, its));
        });
        return builder;
    }

    /// <summary>Adds the producing side of a stream provider to a client: subscriptions are implicit, so only grains consume.</summary>
    public static IClientBuilder AddLogStreams(this IClientBuilder builder, string name, Func<IServiceProvider, string, ILogTransport> transport)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(transport);
        AddShared(builder.Services, name, transport);
        return builder.AddPersistentStreams(name, Factory, streams => streams.ConfigureStreamPubSub(StreamPubSubType.ImplicitOnly));
    }

    private static void AddShared(IServiceCollection services, string name, Func<IServiceProvider, string, ILogTransport> transport)
    {
        services.AddMetrics();
        services.TryAddSingleton<StreamInstruments>();
        services.AddKeyedSingleton(name, (provider, key) => transport(provider, (string)key!));
    }

    private static IQueueAdapterFactory Factory(IServiceProvider services, string name) =>
        new LogQueueAdapterFactory(name, services, services.GetRequiredKeyedService<ILogTransport>(name));

    private static LogStreamBackoff Backoff(IServiceProvider services, string name) =>
        new(services.GetRequiredService<IOptionsMonitor<LogStreamOptions>>().Get(name));
}
