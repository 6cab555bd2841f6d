using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansMl.Streams.Kafka.Clients;

namespace OrleansMl.Streams.Kafka.Hosting;

/// <summary>
/// A topic that is not as configured ends the start of the silo, before anything is written. A Kafka that is away does not:
/// streams begin when it comes.
/// </summary>
internal sealed class KafkaTopicsAtStart(string name, KafkaTransport transport, ILogger<KafkaTransport> logger) : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe($"Kafka topics of '{name}'", ServiceLifecycleStage.RuntimeInitialize, EnsureAsync);

    private async Task EnsureAsync(CancellationToken cancellationToken)
    {
        try
        {
            await transport.EnsureTopicsAsync(cancellationToken);
        }
        catch (IOException exception)
        {
            KafkaLog.Unreachable(logger, exception);
        }
    }
}
