using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>A client of the silo of the same process.</summary>
internal sealed class ClientRuntime(
    IServiceProvider services,
    TimeProvider time,
    IOptions<ClusterOptions> cluster,
    IOptions<ClientMessagingOptions> messaging,
    ILogger<ClientRuntime> logger) : CallRuntime, IHostedService, IDisposable
{
    private readonly StagedLifecycle _lifecycle = new();
    private LocalCluster? _local;
    private IIncomingGrainCallFilter[] _incoming = [];

    public override Observers Observers => Local.Observers;

    private LocalCluster Local => _local ?? throw new InvalidOperationException("The client is not running: start its host first.");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var local = LocalCluster.Of(cluster.Value.ServiceId, cluster.Value.ClusterId);
        if (local.Silo is null)
        {
            throw new SiloUnavailableException(
                $"No silo of service '{cluster.Value.ServiceId}', cluster '{cluster.Value.ClusterId}' runs in this process. The stand-in engine is a single process: start the silo first, or use the real packages (build with OmlEngine=orleans).");
        }

        OutgoingFilters = [.. services.GetServices<IOutgoingGrainCallFilter>()];
        _incoming = [.. services.GetServices<IIncomingGrainCallFilter>()];
        StartWaiting(time, messaging.Value.ResponseTimeout);
        _local = local;
        foreach (var participant in services.GetServices<ILifecycleParticipant<IClusterClientLifecycle>>())
            participant.Participate(_lifecycle);
        await _lifecycle.OnStart(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _lifecycle.OnStop(cancellationToken);
        Pending?.FailAll(static call => new SiloUnavailableException($"The local Orleans host is shutting down and can no longer process the request: {call.Describe()}."));
        Pending?.Dispose();
    }

    public void Dispose() => Pending?.Dispose();

    public override void Deliver(GrainId target, Turn turn)
    {
        if (target.Type == Orleans.Runtime.Observers.Type)
            Observers.Deliver(target, turn, _incoming, logger);
        else if (Local.Silo is { } silo)
            silo.Deliver(target, turn);
        else
            turn.Reject(new SiloUnavailableException($"The silo has stopped: grain '{target}' cannot be reached."));
    }
}
