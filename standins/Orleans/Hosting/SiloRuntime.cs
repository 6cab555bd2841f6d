using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>Which silo this is.</summary>
public interface ILocalSiloDetails
{
    string Name { get; }

    string ClusterId { get; }

    string DnsHostName { get; }

    SiloAddress SiloAddress { get; }

    SiloAddress GatewayAddress { get; }
}

/// <summary>The one silo: its catalog, its calls, its clock.</summary>
internal sealed class SiloRuntime : CallRuntime, ILocalSiloDetails, IDisposable
{
    private readonly IOptions<ClusterOptions> _cluster;
    private readonly IOptions<SiloMessagingOptions> _messaging;
    private LocalCluster? _local;
    private ITimer? _collector;

    public SiloRuntime(
        IServiceProvider services,
        TimeProvider time,
        IOptions<ClusterOptions> cluster,
        IOptions<SiloOptions> silo,
        IOptions<EndpointOptions> endpoints,
        IOptions<SiloMessagingOptions> messaging,
        IOptions<GrainCollectionOptions> collection,
        ILogger<SiloRuntime> logger)
    {
        Services = services;
        Time = time;
        _cluster = cluster;
        _messaging = messaging;
        Collection = collection.Value;
        Logger = logger;
        MaxEnqueuedRequests = messaging.Value.MaxEnqueuedRequestsHardLimit;
        Address = SiloAddress.New(endpoints.Value.AdvertisedIPAddress ?? IPAddress.Loopback, endpoints.Value.SiloPort, SiloAddress.AllocateNewGeneration());
        Name = string.IsNullOrEmpty(silo.Value.SiloName) ? $"Silo_{Address.GetConsistentHashCode() & 0xFFFFF:X5}" : silo.Value.SiloName;
        GatewayAddress = SiloAddress.New(Address.Endpoint.Address, endpoints.Value.GatewayPort, 0);
        Catalog = new Catalog(this);
    }

    public IServiceProvider Services { get; }

    public TimeProvider Time { get; }

    public ILogger Logger { get; }

    public GrainCollectionOptions Collection { get; }

    public int MaxEnqueuedRequests { get; }

    public SiloAddress Address { get; }

    public Catalog Catalog { get; }

    public string Name { get; }

    public string ClusterId => _cluster.Value.ClusterId;

    public string DnsHostName => Dns.GetHostName();

    public SiloAddress SiloAddress => Address;

    public SiloAddress GatewayAddress { get; }

    public IIncomingGrainCallFilter[] IncomingFilters { get; private set; } = [];

    /// <summary>Grains may be activated.</summary>
    public bool IsAccepting { get; private set; }

    public override Observers Observers =>
        _local?.Observers ?? throw new InvalidOperationException("The silo is not running: observers can be registered once it has started.");

    public void Start()
    {
        _local = LocalCluster.Of(_cluster.Value.ServiceId, _cluster.Value.ClusterId);
        _local.Enter(this);
        IncomingFilters = [.. Services.GetServices<IIncomingGrainCallFilter>()];
        OutgoingFilters = [.. Services.GetServices<IOutgoingGrainCallFilter>()];
        StartWaiting(Time, _messaging.Value.ResponseTimeout);
        IsAccepting = true;
        using (ExecutionContext.SuppressFlow())
            _collector = Time.CreateTimer(static state => ((SiloRuntime)state!).Catalog.Collect(null), this, Collection.CollectionQuantum, Collection.CollectionQuantum);
        Logger.LogInformation(
            "Stand-in for Microsoft Orleans: silo {SiloName}, single process, cluster {ClusterId}. Clusters need the real packages (build with OmlEngine=orleans).",
            Name,
            ClusterId);
    }

    public async Task DeactivateGrainsAsync(CancellationToken cancellationToken)
    {
        _collector?.Dispose();
        await Catalog.DeactivateAllAsync(cancellationToken);
        // Calls of grains during their deactivation may have activated others.
        IsAccepting = false;
        await Catalog.DeactivateAllAsync(cancellationToken);
    }

    public void Stop()
    {
        IsAccepting = false;
        _local?.Leave(this);
        Pending?.FailAll(static call => new SiloUnavailableException($"The local Orleans host is shutting down and can no longer process the request: {call.Describe()}."));
        Pending?.Dispose();
        Facets.Forget(Services);
    }

    public void Dispose()
    {
        _collector?.Dispose();
        Pending?.Dispose();
    }

    public override void Deliver(GrainId target, Turn turn)
    {
        if (target.Type == Orleans.Runtime.Observers.Type)
            Observers.Deliver(target, turn, IncomingFilters, Logger);
        else
            Catalog.Deliver(target, turn);
    }
}

/// <summary>Starts and stops the silo with its host.</summary>
internal sealed class SiloHost(SiloRuntime silo, IServiceProvider services) : Microsoft.Extensions.Hosting.IHostedService
{
    private readonly StagedLifecycle _lifecycle = new();

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var validator in services.GetServices<IConfigurationValidator>())
            validator.ValidateConfiguration();
        _lifecycle.Subscribe("silo", ServiceLifecycleStage.RuntimeInitialize, new SiloStage(Start, Stop));
        _lifecycle.Subscribe("grains", ServiceLifecycleStage.GrainDeactivation, new SiloStage(static _ => Task.CompletedTask, silo.DeactivateGrainsAsync));
        foreach (var participant in services.GetServices<ILifecycleParticipant<ISiloLifecycle>>())
            participant.Participate(_lifecycle);
        await _lifecycle.OnStart(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _lifecycle.OnStop(cancellationToken);

    private Task Start(CancellationToken token)
    {
        silo.Start();
        return Task.CompletedTask;
    }

    private Task Stop(CancellationToken token)
    {
        silo.Stop();
        return Task.CompletedTask;
    }

    private sealed class SiloStage(Func<CancellationToken, Task> start, Func<CancellationToken, Task> stop) : ILifecycleObserver
    {
        public Task OnStart(CancellationToken cancellationToken = default) => start(cancellationToken);

        public Task OnStop(CancellationToken cancellationToken = default) => stop(cancellationToken);
    }
}
