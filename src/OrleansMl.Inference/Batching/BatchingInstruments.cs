using System.Diagnostics.Metrics;

namespace OrleansMl.Inference;

/// <summary>Counters of the batchers of a process, tagged with model and version.</summary>
public sealed class BatchingInstruments
{
    public BatchingInstruments(IMeterFactory meters)
    {
        var meter = meters.Create("OrleansMl.Batching");
        Queued = meter.CreateUpDownCounter<long>("oml-batch-queued", description: "Requests that wait.");
        Rows = meter.CreateHistogram<int>("oml-batch-rows", "{row}", "Rows of a batch.");
        QueueTime = meter.CreateHistogram<double>("oml-batch-queue-time", "s", "From arrival to start.");
        Rejected = meter.CreateCounter<long>("oml-batch-rejected", description: "Requests not run, by reason.");
    }

    public UpDownCounter<long> Queued { get; }

    public Histogram<int> Rows { get; }

    public Histogram<double> QueueTime { get; }

    public Counter<long> Rejected { get; }
}
