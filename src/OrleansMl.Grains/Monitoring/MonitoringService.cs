using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Catalog;
using OrleansMl.Storage;

namespace OrleansMl.Monitoring;

/// <inheritdoc cref="IMonitoringService"/>
internal sealed class MonitoringService(
    IGrainFactory grains,
    CatalogCache catalog,
    IMonitoringStore store,
    [FromKeyedServices(OmlNames.Clock)] TimeProvider clock) : IMonitoringService
{
    public async Task<OmlResult<ImmutableArray<MonitorStatus>>> GetMonitorsAsync(string model, CancellationToken cancellationToken) =>
        await WhyNotAsync(model, cancellationToken) is { } error ? error : await grains.GetGrain<IMonitorGrain>(model).GetAsync();

    public async Task<OmlResult<(ImmutableArray<Alarm> Items, long? Next)>> ListAlarmsAsync(AlarmFilter filter, int limit, CancellationToken cancellationToken)
    {
        if (await WhyNotAsync(filter.Model, cancellationToken) is { } error)
            return error;
        var rows = await store.ListAlarmsAsync(filter, limit + 1, cancellationToken);
        return (rows.Take(limit).Select(AlarmJson.FromRow).ToImmutableArray(), rows.Count > limit ? rows[limit - 1].Sequence : null);
    }

    public async Task<OmlResult<Alarm>> AcknowledgeAsync(string model, string id, string by, string? note, CancellationToken cancellationToken)
    {
        if (await WhyNotAsync(model, cancellationToken) is { } error)
            return error;
        return await store.AcknowledgeAsync(model, id, by, note, clock.GetUtcNow().UtcDateTime, cancellationToken) is { } row
            ? AlarmJson.FromRow(row)
            : OmlError.NotFound("unknown_alarm", $"Model '{model}' has no alarm '{id}'; GET /api/v1/models/{model}/alarms lists them.");
    }

    /// <summary>A key of a grain is not made of a name that nobody has declared.</summary>
    private async Task<OmlError?> WhyNotAsync(string model, CancellationToken cancellationToken)
    {
        await catalog.Loaded.WaitAsync(cancellationToken);
        return catalog.Current.Models.ContainsKey(model) ? null : catalog.Current.UnknownModel(model);
    }
}
