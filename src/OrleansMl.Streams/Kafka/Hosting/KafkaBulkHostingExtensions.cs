using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl.Streams;
using OrleansMl.Streams.Kafka;
using OrleansMl.Streams.Kafka.Bulk;

namespace Orleans.Hosting;

/// <summary>Puts the bulk path beside a stream provider on Kafka.</summary>
public static class KafkaBulkHostingExtensions
{
    /// <summary>
    /// Topics of the provider <paramref name="name"/> with <see cref="KafkaConsume.Bulk"/> are consumed by this silo as a
    /// member of a group and applied by the registered <see cref="IRecordHandler"/>s. A topic is consumed this way or by the
    /// stream provider, never both.
    /// </summary>
    public static ISiloBuilder AddKafkaBulk(this ISiloBuilder builder, string name, Action<BulkOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (configure is not null)
            builder.Services.Configure(name, configure);
        builder.Services.AddSingleton<IHostedService>(services => new KafkaBulkReader(
            name,
            services.GetRequiredService<IOptionsMonitor<KafkaStreamOptions>>().Get(name),
            services.GetRequiredService<IOptionsMonitor<BulkOptions>>().Get(name),
            services.GetRequiredKeyedService<KafkaTransport>(name),
            services.GetServices<IRecordHandler>(),
            DeadLetterWriter.Of(services, name),
            services.GetRequiredService<StreamInstruments>(),
            services.GetRequiredService<ILogger<KafkaBulkReader>>()));
        return builder;
    }
}
