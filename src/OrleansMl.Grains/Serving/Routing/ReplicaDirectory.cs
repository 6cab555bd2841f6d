using System.Collections.Frozen;
using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace OrleansMl.Serving;

/// <summary>
/// What this silo knows of the others' versions. It exchanges reports with them through <see cref="IReplicaDirectoryGrain"/>, at
/// once when a version comes or goes here, else each <see cref="ServingOptions.ReportPeriod"/>. A silo that cannot be reached
/// is left out until it reports again.
/// </summary>
public sealed partial class ReplicaDirectory(IGrainFactory grains, ILocalSiloDetails self, ReplicaHost host, ServingOptions options, ILogger<ReplicaDirectory> logger) : BackgroundService
{
    private static readonly TimeSpan ExchangeTime = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _changed = new(0, 1);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _suspects = new(StringComparer.Ordinal);
    private volatile Table _table = Table.Empty;
    private TaskCompletionSource _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _number;
    private bool _isLeaving;

    /// <summary>This silo's key.</summary>
    internal string Self { get; } = KeyOf(self.SiloAddress);

    /// <summary>Silos beside this one that load versions.</summary>
    internal ImmutableArray<string> Servers => _table.Servers;

    /// <summary>Silos beside this one.</summary>
    internal IEnumerable<string> Others => _table.Reports.Select(r => r.Silo);

    /// <summary><see cref="Servers"/>; when none is known yet (a cluster that starts, a silo that has just gone), once one is, or after <see cref="ServingOptions.ColdStartLimit"/>.</summary>
    internal async ValueTask<ImmutableArray<string>> WaitForServersAsync(CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        if (Servers.IsEmpty)
            Wake();
        while (true)
        {
            var heard = Volatile.Read(ref _heard).Task;
            var left = options.ColdStartLimit - TimeProvider.System.GetElapsedTime(start);
            if (!Servers.IsEmpty || left <= TimeSpan.Zero)
                return Servers;
            try
            {
                await heard.WaitAsync(left, cancellationToken);
            }
            catch (TimeoutException)
            {
                return Servers;
            }
        }
    }

    internal static string KeyOf(SiloAddress address) => address.ToParsableString();

    /// <summary>The version on other silos; mostly none.</summary>
    internal ImmutableArray<RemoteReplica> Of(ModelVersionId id) => _table.Replicas.TryGetValue(id, out var replicas) ? replicas : [];

    /// <summary>No other silo has a version.</summary>
    internal bool IsAlone => _table.Replicas.Count == 0;

    /// <summary>The version is available on another silo.</summary>
    internal bool IsElsewhere(ModelVersionId id) => _table.Replicas.ContainsKey(id);

    internal IReplicaGrain Grain(string silo) => grains.GetGrain<IReplicaGrain>(silo);

    /// <summary>A call to the silo has failed: nothing is sent there until it reports again.</summary>
    internal void Suspect(string silo)
    {
        lock (_gate)
        {
            if (!_table.Numbers.TryGetValue(silo, out var number))
                return;
            _suspects[silo] = number;
            _table = Table.Of([.. _table.Reports.Where(r => r.Silo != silo)], _table, Grain);
        }

        LogSuspect(logger, silo);
    }

    public override string ToString() => $"{Self}: report {_number}, knows {string.Join(", ", _table.Reports.Select(r => $"{r.Silo} ({r.Number}: {r.Replicas.Length} replicas)"))}";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        host.Changed += Wake;
        var isOpen = false;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                try
                {
                    // A call that is lost while silos start or leave is known to be lost only after the response timeout.
                    // One that another silo has placed, as it did not see this one yet, is a stray: it goes, and the next call is placed here.
                    isOpen = isOpen || await Grain(Self).OpenAsync().WaitAsync(ExchangeTime, stoppingToken);
                    if (isOpen)
                        await ExchangeAsync().WaitAsync(ExchangeTime, stoppingToken);
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    // What was known stays; a silo that is gone shows when it is called.
                    LogRetry(logger, exception);
                }

                await _changed.WaitAsync(options.ReportPeriod, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        finally
        {
            host.Changed -= Wake;
        }
    }

    /// <summary>The others hear of it before anything here is taken out of memory.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _isLeaving = true;
        await base.StopAsync(cancellationToken);
        try
        {
            await grains.GetGrain<IReplicaDirectoryGrain>(ReplicaDirectoryGrain.Key).LeaveAsync(Self).WaitAsync(options.ReportPeriod, cancellationToken);
        }
        catch (Exception exception)
        {
            LogNotLeft(logger, exception);
        }
    }

    internal async Task ExchangeAsync()
    {
        if (_isLeaving)
            return;
        var report = new SiloReport(Self, Interlocked.Increment(ref _number), options.Serves, host.Loads());
        var reports = await grains.GetGrain<IReplicaDirectoryGrain>(ReplicaDirectoryGrain.Key).ExchangeAsync(report);
        lock (_gate)
        {
            foreach (var known in reports)
            {
                if (_suspects.TryGetValue(known.Silo, out var number) && known.Number > number)
                    _suspects.Remove(known.Silo);
            }

            _table = Table.Of([.. reports.Where(r => !_suspects.ContainsKey(r.Silo))], _table, Grain);
        }

        Interlocked.Exchange(ref _heard, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    private void Wake()
    {
        try
        {
            _changed.Release();
        }
        catch (SemaphoreFullException)
        {
            // A report is due already.
        }
    }

    [LoggerMessage(LogLevel.Warning, "Silo {Silo} could not be reached; no request is sent there until it reports again.")]
    private static partial void LogSuspect(ILogger logger, string silo);

    [LoggerMessage(LogLevel.Warning, "Reports were not exchanged with the other silos; trying again.")]
    private static partial void LogRetry(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Debug, "The other silos were not told that this one leaves; they see it when they call.")]
    private static partial void LogNotLeft(ILogger logger, Exception exception);

    /// <summary>What the last reports say. Immutable but for the replicas' loads.</summary>
    private sealed record Table(ImmutableArray<SiloReport> Reports, FrozenDictionary<ModelVersionId, ImmutableArray<RemoteReplica>> Replicas, FrozenDictionary<string, long> Numbers, ImmutableArray<string> Servers)
    {
        public static Table Empty { get; } = new([], FrozenDictionary<ModelVersionId, ImmutableArray<RemoteReplica>>.Empty, FrozenDictionary<string, long>.Empty, []);

        public static Table Of(ImmutableArray<SiloReport> reports, Table before, Func<string, IReplicaGrain> grainOf)
        {
            var replicas = new Dictionary<ModelVersionId, List<RemoteReplica>>();
            foreach (var report in reports)
            {
                var isNew = !before.Numbers.TryGetValue(report.Silo, out var number) || report.Number > number;
                foreach (var (id, load) in report.Replicas)
                {
                    var known = before.Replicas.TryGetValue(id, out var earlier) ? earlier.FirstOrDefault(r => r.Silo == report.Silo) : null;
                    var replica = known ?? new RemoteReplica(report.Silo, grainOf(report.Silo));
                    if (isNew)
                        replica.Load = load;
                    if (!replicas.TryGetValue(id, out var list))
                        replicas.Add(id, list = []);
                    list.Add(replica);
                }
            }

            return new Table(
                reports,
                replicas.ToFrozenDictionary(r => r.Key, r => r.Value.ToImmutableArray()),
                reports.ToFrozenDictionary(r => r.Silo, r => r.Number),
                [.. reports.Where(r => r.Serves).Select(r => r.Silo).Order(StringComparer.Ordinal)]);
        }
    }
}
