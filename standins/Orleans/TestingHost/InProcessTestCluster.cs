using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Orleans.TestingHost;

/// <summary>A silo of a test cluster.</summary>
public abstract class SiloHandle : IDisposable, IAsyncDisposable
{
    public string Name { get; set; } = "";

    public short InstanceNumber { get; set; }

    public SiloAddress SiloAddress { get; set; } = SiloAddress.Zero;

    public SiloAddress GatewayAddress { get; set; } = SiloAddress.Zero;

    public abstract bool IsActive { get; }

    public abstract Task StopSiloAsync(bool stopGracefully);

    public abstract Task StopSiloAsync(CancellationToken ct);

    public abstract ValueTask DisposeAsync();

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    public override string ToString() => Name;

    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>A silo in a host of this process.</summary>
public class InProcessSiloHandle : SiloHandle
{
    private bool _stopped;

    public IHost SiloHost { get; init; } = null!;

    public IServiceProvider ServiceProvider => SiloHost.Services;

    public override bool IsActive => !_stopped;

    public override Task StopSiloAsync(bool stopGracefully) => StopSiloAsync(stopGracefully ? default : new CancellationToken(canceled: true));

    public override async Task StopSiloAsync(CancellationToken ct)
    {
        if (_stopped)
            return;
        _stopped = true;
        await SiloHost.StopAsync(ct);
    }

    public override async ValueTask DisposeAsync()
    {
        await StopSiloAsync(stopGracefully: true);
        if (SiloHost is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
        else
            SiloHost.Dispose();
    }
}

/// <summary>One silo and one client in hosts of this process, whatever number of silos was asked for.</summary>
public sealed class InProcessTestCluster : IDisposable, IAsyncDisposable
{
    private readonly List<InProcessSiloHandle> _silos = [];
    private IHost? _client;

    public InProcessTestCluster(InProcessTestClusterOptions options) => Options = options;

    public InProcessTestClusterOptions Options { get; }

    public ReadOnlyCollection<InProcessSiloHandle> Silos => _silos.AsReadOnly();

    public IClusterClient Client =>
        _client?.Services.GetRequiredService<IClusterClient>() ?? throw new InvalidOperationException("The cluster has no client: call DeployAsync first.");

    public async Task DeployAsync()
    {
        if (_silos.Count > 0 || _client is not null)
            throw new InvalidOperationException("Cluster host already deployed.");
        await StartSiloAsync(0, Options);
        if (Options.InitializeClientOnDeploy)
            await InitializeClientAsync();
    }

    public async Task InitializeClientAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddLogging();
        builder.UseOrleansClient(client => client.Configure<ClusterOptions>(SetIds));
        foreach (var configure in Options.ClientHostConfigurationDelegates)
            configure(builder);
        _client = builder.Build();
        await _client.StartAsync();
    }

    public async Task<InProcessSiloHandle> StartSiloAsync(int instanceNumber, InProcessTestClusterOptions clusterOptions)
    {
        var specific = InProcessTestSiloSpecificOptions.Create(this, clusterOptions, instanceNumber);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true, ApplicationName = specific.SiloName });
        builder.Services.AddLogging();
        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(SetIds);
            silo.Configure<SiloOptions>(o => o.SiloName = specific.SiloName);
            silo.Configure<EndpointOptions>(o => (o.SiloPort, o.GatewayPort) = (specific.SiloPort, specific.GatewayPort));
        });
        foreach (var configure in clusterOptions.SiloHostConfigurationDelegates)
            configure(specific, builder);
        var host = builder.Build();
        await host.StartAsync();
        var details = host.Services.GetRequiredService<ILocalSiloDetails>();
        var handle = new InProcessSiloHandle
        {
            Name = specific.SiloName,
            InstanceNumber = (short)instanceNumber,
            SiloHost = host,
            SiloAddress = details.SiloAddress,
            GatewayAddress = details.GatewayAddress,
        };
        _silos.Add(handle);
        return handle;
    }

    public IEnumerable<InProcessSiloHandle> GetActiveSilos() => _silos.Where(s => s.IsActive);

    public InProcessSiloHandle? GetSiloForAddress(SiloAddress siloAddress) => _silos.Find(s => s.SiloAddress.Equals(siloAddress));

    public IServiceProvider GetSiloServiceProvider(SiloAddress? silo = null) =>
        (silo is null ? _silos[0] : GetSiloForAddress(silo) ?? throw new ArgumentException($"No silo at {silo}.", nameof(silo))).ServiceProvider;

    public async Task StopSiloAsync(InProcessSiloHandle instance)
    {
        await instance.DisposeAsync();
        _silos.Remove(instance);
    }

    public async Task KillSiloAsync(InProcessSiloHandle instance)
    {
        await instance.StopSiloAsync(stopGracefully: false);
        await instance.DisposeAsync();
        _silos.Remove(instance);
    }

    public async Task<InProcessSiloHandle?> RestartSiloAsync(InProcessSiloHandle instance)
    {
        await instance.DisposeAsync();
        _silos.Remove(instance);
        return await StartSiloAsync(instance.InstanceNumber, Options);
    }

    public Task<InProcessSiloHandle> StartAdditionalSiloAsync() => throw new NotSupportedException(
        "The stand-in engine is a single silo. Tests of several silos need the real packages (build with OmlEngine=orleans).");

    public async Task StopClusterClientAsync()
    {
        if (_client is null)
            return;
        await _client.StopAsync();
        _client.Dispose();
        _client = null;
    }

    public async Task StopSilosAsync()
    {
        foreach (var silo in _silos.ToArray())
            await StopSiloAsync(silo);
    }

    public async Task StopAllSilosAsync()
    {
        await StopClusterClientAsync();
        await StopSilosAsync();
    }

    public Task DeactivateAsync(IAddressable grain) => DeactivateAsync(grain.GetGrainId());

    public async Task DeactivateAsync(GrainId grainId)
    {
        if (!TryGetGrainContext(grainId, out var context))
            return;
        context.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "The test asked for it."));
        await context.Deactivated;
    }

    public Task WaitForDeactivationAsync(IAddressable grain) => WaitForDeactivationAsync(grain.GetGrainId());

    public Task WaitForDeactivationAsync(GrainId grainId) => TryGetGrainContext(grainId, out var context) ? context.Deactivated : Task.CompletedTask;

    public bool TryGetGrainContext(GrainId grainId, [NotNullWhen(true)] out IGrainContext? grainContext)
    {
        grainContext = _silos.Select(s => s.ServiceProvider.GetRequiredService<SiloRuntime>().Catalog.Find(grainId)).FirstOrDefault(a => a is not null);
        return grainContext is not null;
    }

    public Task WaitForLivenessToStabilizeAsync(bool didKill = false) => Task.CompletedTask;

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    public async ValueTask DisposeAsync()
    {
        await StopClusterClientAsync();
        foreach (var silo in _silos.ToArray())
            await silo.DisposeAsync();
        _silos.Clear();
    }

    private void SetIds(ClusterOptions options)
    {
        options.ClusterId = Options.ClusterId;
        options.ServiceId = Options.ServiceId;
    }
}
