using Microsoft.Extensions.DependencyInjection;
using Orleans.Providers.Streams.Common;
using Orleans.Runtime;

namespace OrleansMl.Streams;

/// <inheritdoc cref="IStreamControl"/>
internal sealed class StreamControl(IServiceProvider services, StreamInstruments instruments, IGrainFactory grains) : IStreamControl
{
    public IReadOnlyList<PartitionStatus> Partitions => instruments.Partitions();

    public async Task RewindAsync(string provider, string? partition, LogStart start, CancellationToken cancellationToken = default)
    {
        if (services.GetKeyedService<ILogTransport>(provider) is not { } transport)
            throw new ArgumentException($"There is no stream provider '{provider}' here.", nameof(provider));
        if (partition is not null && !transport.Partitions.Contains(partition))
            throw new ArgumentException($"Stream provider '{provider}' has no partition '{partition}' (there are: {string.Join(", ", transport.Partitions)}).", nameof(partition));

        var management = grains.GetGrain<IManagementGrain>(0);
        await management.SendControlCommandToProvider<PersistentStreamProvider>(provider, (int)PersistentStreamProviderCommand.StopAgents, null);
        try
        {
            foreach (var each in partition is null ? transport.Partitions : [partition])
                await transport.RewindAsync(each, start, cancellationToken);
        }
        finally
        {
            await management.SendControlCommandToProvider<PersistentStreamProvider>(provider, (int)PersistentStreamProviderCommand.StartAgents, null);
        }
    }
}
