using Microsoft.Extensions.DependencyInjection;
using Orleans.Providers;

namespace Orleans.Runtime;

/// <summary>Answers from the catalog of the one silo.</summary>
[GrainType("sys.management"), Concurrency.StatelessWorker(1)]
internal sealed class ManagementGrain(SiloRuntime silo) : Grain, IManagementGrain
{
    public Task<Dictionary<SiloAddress, SiloStatus>> GetHosts(bool onlyActive = false) =>
        Task.FromResult(new Dictionary<SiloAddress, SiloStatus> { [silo.Address] = SiloStatus.Active });

    public Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics() => Task.FromResult(
        silo.Catalog.Activations
            .GroupBy(a => a.Class.Implementation)
            .Select(g => new SimpleGrainStatistic { GrainType = NameOf(g.Key), SiloAddress = silo.Address, ActivationCount = g.Count() })
            .ToArray());

    public async Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics(SiloAddress[] hostsIds) =>
        hostsIds.Contains(silo.Address) ? await GetSimpleGrainStatistics() : [];

    public Task<DetailedGrainStatistic[]> GetDetailedGrainStatistics(string[]? types = null, SiloAddress[]? hostsIds = null) => Task.FromResult(
        silo.Catalog.Activations
            .Where(a => types is null || types.Contains(NameOf(a.Class.Implementation)))
            .Where(_ => hostsIds is null || hostsIds.Contains(silo.Address))
            .Select(a => new DetailedGrainStatistic { GrainType = NameOf(a.Class.Implementation), SiloAddress = silo.Address, GrainId = a.GrainId })
            .ToArray());

    public Task<int> GetTotalActivationCount() => Task.FromResult(silo.Catalog.Activations.Count());

    public ValueTask<SiloAddress?> GetActivationAddress(IAddressable reference) =>
        new(silo.Catalog.Find(reference.GetGrainId()) is null ? null : silo.Address);

    public ValueTask<List<GrainId>> GetActiveGrains(GrainType type) =>
        new([.. silo.Catalog.Activations.Where(a => a.GrainId.Type == type).Select(a => a.GrainId)]);

    public Task ForceActivationCollection(TimeSpan ageLimit)
    {
        silo.Catalog.Collect(ageLimit);
        return Task.CompletedTask;
    }

    public Task ForceActivationCollection(SiloAddress[] hostsIds, TimeSpan ageLimit) =>
        hostsIds.Contains(silo.Address) ? ForceActivationCollection(ageLimit) : Task.CompletedTask;

    public Task ForceGarbageCollection(SiloAddress[] hostsIds)
    {
        GC.Collect();
        return Task.CompletedTask;
    }

    public async Task<object?[]> SendControlCommandToProvider<T>(string providerName, int command, object? arg = null)
        where T : IControllable
    {
        var provider = silo.Services.GetKeyedServices<IControllable>(providerName).FirstOrDefault(c => c.GetType() == typeof(T))
            ?? throw new ArgumentException($"Could not find a controllable service for type {typeof(T).FullName} and name {providerName}.");
        return [await provider.ExecuteCommand(command, arg)];
    }

    private static string NameOf(Type type) => $"{type.FullName},{type.Assembly.GetName().Name}";
}
