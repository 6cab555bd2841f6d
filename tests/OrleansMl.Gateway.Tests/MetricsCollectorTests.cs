using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Gateway.Metrics;
using OrleansMl.Inference;

namespace OrleansMl.Gateway.Tests;

public sealed class MetricsCollectorTests
{
    [Fact]
    public void Batches_are_counted_in_buckets_of_rows_and_their_waits_in_fractions_of_a_millisecond()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var factory = services.GetRequiredService<IMeterFactory>();
        using var collector = new MetricsCollector(factory);
        var instruments = new BatchingInstruments(factory);
        instruments.Rows.Record(48);
        instruments.QueueTime.Record(0.0002);
        var lines = collector.Render().Split('\n');
        Assert.Contains("oml_batch_rows_bucket{le=\"32\"} 0", lines);
        Assert.Contains("oml_batch_rows_bucket{le=\"64\"} 1", lines);
        Assert.Contains("oml_batch_queue_time_seconds_bucket{le=\"0.0001\"} 0", lines);
        Assert.Contains("oml_batch_queue_time_seconds_bucket{le=\"0.00025\"} 1", lines);
    }
}
