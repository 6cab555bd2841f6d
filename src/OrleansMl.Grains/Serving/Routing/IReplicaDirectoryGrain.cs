using System.Collections.Immutable;

namespace OrleansMl.Serving;

/// <summary>
/// Where versions are available, and how busy they are (one grain). It keeps nothing: after it has moved, every silo's next
/// report fills it again.
/// </summary>
internal interface IReplicaDirectoryGrain : IGrainWithStringKey
{
    /// <summary>Takes a silo's report and answers with those of the others.</summary>
    Task<ImmutableArray<SiloReport>> ExchangeAsync(SiloReport report);

    /// <summary>The silo takes no more requests.</summary>
    Task LeaveAsync(string silo);
}

/// <inheritdoc cref="IReplicaDirectoryGrain"/>
[GrainType("oml.replica-directory")]
internal sealed class ReplicaDirectoryGrain(ServingOptions options) : Grain, IReplicaDirectoryGrain
{
    /// <summary>Its only key.</summary>
    public const string Key = "replicas";

    /// <summary>A silo that has missed so many reports, and been silent so long, is not named any more. One that died shows when it is called.</summary>
    private const int MissedReports = 5;

    /// <inheritdoc cref="MissedReports"/>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, (SiloReport Report, long At)> _reports = new(StringComparer.Ordinal);

    public Task<ImmutableArray<SiloReport>> ExchangeAsync(SiloReport report)
    {
        var now = TimeProvider.System.GetTimestamp();
        var limit = options.ReportPeriod * MissedReports is var missed && missed > Silence ? missed : Silence;
        foreach (var (silo, (_, at)) in _reports)
        {
            if (TimeProvider.System.GetElapsedTime(at, now) > limit)
                _reports.Remove(silo);
        }

        _reports[report.Silo] = (report, now);
        return Task.FromResult<ImmutableArray<SiloReport>>([.. _reports.Values.Where(r => r.Report.Silo != report.Silo).Select(r => r.Report)]);
    }

    public Task LeaveAsync(string silo)
    {
        _reports.Remove(silo);
        return Task.CompletedTask;
    }
}
