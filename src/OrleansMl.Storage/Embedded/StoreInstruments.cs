using System.Diagnostics.Metrics;

namespace OrleansMl.Storage.Embedded;

/// <summary>Measurements of the embedded store, on the meter <c>OrleansMl.Storage</c>.</summary>
internal static class StoreInstruments
{
    public const string MeterName = "OrleansMl.Storage";

    private static readonly Meter s_meter = new(MeterName);

    /// <summary>Operations of one commit: how far the sync of the disk is shared.</summary>
    public static readonly Histogram<int> CommitOperations = s_meter.CreateHistogram<int>("oml.store.commit.operations", "{operation}", "Operations that shared a commit");

    /// <summary>From the first statement of a commit until it is durable.</summary>
    public static readonly Histogram<double> CommitDuration = s_meter.CreateHistogram<double>("oml.store.commit.duration", "s", "Time that a commit took, its statements included");

    public static readonly Counter<long> CommitFailures = s_meter.CreateCounter<long>("oml.store.commit.failures", "{commit}", "Commits that failed; their callers were told");
}
