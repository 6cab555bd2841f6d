using System.Collections.Immutable;
using OrleansMl.Storage;

namespace OrleansMl.Monitoring;

/// <summary>Monitors and alarms, as the gateway shows them. One for each silo.</summary>
public interface IMonitoringService
{
    /// <summary>How each monitor of a model stands.</summary>
    Task<OmlResult<ImmutableArray<MonitorStatus>>> GetMonitorsAsync(string model, CancellationToken cancellationToken);

    /// <summary>A page of alarms, newest first, and the filter's <see cref="AlarmFilter.Before"/> of the next one; null: there is none.</summary>
    Task<OmlResult<(ImmutableArray<Alarm> Items, long? Next)>> ListAlarmsAsync(AlarmFilter filter, int limit, CancellationToken cancellationToken);

    /// <summary>Notes who has seen an alarm; the first note stays.</summary>
    Task<OmlResult<Alarm>> AcknowledgeAsync(string model, string id, string by, string? note, CancellationToken cancellationToken);
}
