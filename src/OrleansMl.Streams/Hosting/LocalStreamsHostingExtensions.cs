using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using OrleansMl.Storage;
using OrleansMl.Streams;

namespace Orleans.Hosting;

/// <summary>Puts a stream provider over the embedded store into a silo, or into a client of the same process.</summary>
public static class LocalStreamsHostingExtensions
{
    /// <summary>
    /// Adds a stream provider over the log of the silo's embedded store (<c>AddEmbeddedStore</c>), with the store's dead
    /// letters. A provider of that name that is there already stays as it is.
    /// </summary>
    public static ISiloBuilder AddLocalStreams(this ISiloBuilder builder, string name, Action<LogStreamOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (IsThere(builder.Services, name))
            return builder;
        builder.AddLogStreams(name, (services, provider) => new LocalTransport(Log(services, provider, "Call AddEmbeddedStore on the silo.")), configure);
        builder.Services.AddKeyedSingleton<IDeadLetterSink>(name, (services, _) => new StoreDeadLetterSink(services.GetRequiredService<IDeadLetterStore>()));
        return builder;
    }

    /// <summary>
    /// Adds the producing side to a client. The store has one process, so the client must be of it, with the store's
    /// <see cref="IStreamLog"/> among its services.
    /// </summary>
    public static IClientBuilder AddLocalStreams(this IClientBuilder builder, string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (IsThere(builder.Services, name))
            return builder;
        return builder.AddLogStreams(name, (services, provider) => new LocalTransport(
            Log(services, provider, "A client of the same process gets it by services.AddSingleton(store.Streams); one of another process produces through a grain, or over a log that both can reach."),
            isProducerOnly: true));
    }

    private static bool IsThere(IServiceCollection services, string name) =>
        services.Any(s => s.ServiceType == typeof(ILogTransport) && s.IsKeyedService && Equals(s.ServiceKey, name));

    private static IStreamLog Log(IServiceProvider services, string provider, string remedy) =>
        services.GetService<IStreamLog>()
        ?? throw new OrleansConfigurationException($"Stream provider '{provider}' stands on the embedded store, and there is none here. {remedy}");
}
