using System.Diagnostics.Metrics;

namespace OrleansMl.Inference;

/// <summary>Counters of the batchers of a process, tagged with model and version.</summary>
public sealed class BatchingInstruments
{
    private static readonly int[] s_rows = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
    private static readonly double[] s_seconds = [0.00001, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    public BatchingInstruments(IMeterFactory meters)
    {
        var meter = meters.Create("OrleansMl.Batching");
        Queued = meter.CreateUpDownCounter<long>("oml-batch-queued", description: "Requests that wait.");
        Rows = meter.CreateHistogram("oml-batch-rows", "{row}", "Rows of a batch.", null, new InstrumentAdvice<int> { HistogramBucketBoundaries = s_rows });
        QueueTime = meter.CreateHistogram("oml-batch-queue-time", "s", "From arrival to start.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = s_seconds });
        Rejected = meter.CreateCounter<long>("oml-batch-rejected", description: "Requests not run, by reason.");
    }

    public UpDownCounter<long> Queued { get; }

    public Histogram<int> Rows { get; }

    public Histogram<double> QueueTime { get; }

    public Counter<long> Rejected { get; }
}
