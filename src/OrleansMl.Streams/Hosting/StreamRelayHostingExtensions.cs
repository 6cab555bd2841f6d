using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansMl.Storage;
using OrleansMl.Streams;

namespace Orleans.Hosting;

/// <summary>Carries the silo's own log to a stream provider elsewhere.</summary>
public static class StreamRelayHostingExtensions
{
    /// <summary>
    /// What the silo puts into the log of its embedded store goes on to the stream provider <paramref name="name"/>: in order
    /// per key, at least once, also when the other side was away for a while. For a provider that does not stand on that log.
    /// </summary>
    public static ISiloBuilder AddStreamRelay(this ISiloBuilder builder, string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        builder.Services.AddSingleton<IHostedService>(services => new StreamRelay(
            new LocalTransport(services.GetRequiredService<IStreamLog>()),
            services.GetRequiredKeyedService<ILogTransport>(name),
            DeadLetterWriter.Of(services, name),
            services.GetRequiredService<ILogger<StreamRelay>>()));
        return builder;
    }
}
