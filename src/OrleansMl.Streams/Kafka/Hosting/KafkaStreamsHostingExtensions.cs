using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using OrleansMl.Streams;
using OrleansMl.Streams.Kafka;
using OrleansMl.Streams.Kafka.Hosting;

namespace Orleans.Hosting;

/// <summary>Puts a stream provider on Apache Kafka into a silo or a client.</summary>
public static class KafkaStreamsHostingExtensions
{
    /// <summary>
    /// Adds a stream provider whose streams lie in Kafka's topics. Dead letters go to the topics beside them, and to whatever
    /// other <see cref="IDeadLetterSink"/> is registered. Called again with the same name, it only configures further.
    /// </summary>
    /// <param name="builder">The silo.</param>
    /// <param name="name">Name of the provider.</param>
    /// <param name="configure">Brokers, topics, bounds.</param>
    /// <param name="deliver">How records are cached, delivered and tried again.</param>
    public static ISiloBuilder AddKafkaStreams(this ISiloBuilder builder, string name, Action<KafkaStreamOptions> configure, Action<LogStreamOptions>? deliver = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (!AddShared(builder.Services, name, configure))
        {
            if (deliver is not null)
                builder.Services.Configure(name, deliver);
            return builder;
        }

        builder.AddLogStreams(name, Transport, deliver);
        builder.Services.AddKeyedSingleton<IDeadLetterSink>(name, (services, key) => new KafkaDeadLetterSink(Transport(services, (string)key!)));
        builder.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services =>
            new KafkaTopicsAtStart(name, Transport(services, name), services.GetRequiredService<ILogger<KafkaTransport>>()));
        return builder;
    }

    /// <summary>Adds the producing side of a stream provider on Kafka to a client.</summary>
    public static IClientBuilder AddKafkaStreams(this IClientBuilder builder, string name, Action<KafkaStreamOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return AddShared(builder.Services, name, configure) ? builder.AddLogStreams(name, Transport) : builder;
    }

    /// <summary>False: the provider was added before.</summary>
    private static bool AddShared(IServiceCollection services, string name, Action<KafkaStreamOptions> configure)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(configure);
        services.Configure(name, configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<KafkaStreamOptions>, KafkaStreamOptionsValidator>());
        if (services.Any(service => service.IsKeyedService && service.ServiceType == typeof(KafkaTransport) && name.Equals(service.ServiceKey)))
            return false;
        services.AddKeyedSingleton(name, (provider, key) => new KafkaTransport(
            provider.GetRequiredService<IOptionsMonitor<KafkaStreamOptions>>().Get((string)key!),
            provider.GetService<ILoggerFactory>()));
        return true;
    }

    private static KafkaTransport Transport(IServiceProvider services, string name) => services.GetRequiredKeyedService<KafkaTransport>(name);
}
