using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using static OrleansMl.Inference.Tests.Batching.BatcherScenario;

namespace OrleansMl.Inference.Tests.Batching;

public sealed class BatchingStatisticsTests
{
    [Fact]
    public async Task Requests_rows_and_batches_are_counted_each_with_its_time()
    {
        await using var scenario = new BatcherScenario(new() { HoldUntilQueued = 2 });
        var first = scenario.Send(Rows(1, 2));
        scenario.Time.Advance(4);
        await scenario.Send(Rows(3)).GivesAsync(3);
        await first.GivesAsync(1, 2);
        scenario.Time.Advance(6);
        await scenario.Send(Rows(4)).GivesAsync(4);

        var statistics = scenario.Batcher.Statistics;
        Assert.Equal((4, 2, 0), (statistics.InferenceCount, statistics.ExecutionCount, statistics.Queued));
        Assert.Equal(new DurationCount(3, 4_000_000), statistics.Queue);
        Assert.Equal(new DurationCount(3, 4_000_000), statistics.Success);
        Assert.Equal(default, statistics.Fail);
        Assert.Equal([3_000, 6_000, 9_000], new[] { statistics.ComputeInput, statistics.ComputeInfer, statistics.ComputeOutput }.Select(d => d.Nanoseconds));
        Assert.Equal(DateTimeOffset.UnixEpoch.AddMilliseconds(10), statistics.LastInference);
        Assert.Equal(
            [new(1, new(1, 1_000), new(1, 2_000), new(1, 3_000)), new(3, new(1, 1_000), new(1, 2_000), new(1, 3_000))],
            statistics.Batches.AsEnumerable());
    }

    [Fact]
    public async Task Sizes_that_callers_choose_do_not_grow_the_statistics_without_end()
    {
        await using var scenario = new BatcherScenario(new() { MaxBatchRows = 1, RunsLargerAlone = true });
        for (var rows = 1; rows <= 600; rows++)
            await scenario.Send(Rows(new long[rows])).GivesAsync(new long[rows]);
        var statistics = scenario.Batcher.Statistics;
        Assert.Equal((600, 512), (statistics.ExecutionCount, statistics.Batches.Length));
    }

    [Fact]
    public async Task Instruments_hear_of_it_with_the_models_tags()
    {
        using var meters = new OwnMeters();
        var heard = new ConcurrentBag<(string Instrument, double Value, string Tags)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter == meters.Meter)
                    l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((i, value, tags, _) => heard.Add((i.Name, value, Text(tags))));
        listener.SetMeasurementEventCallback<int>((i, value, tags, _) => heard.Add((i.Name, value, Text(tags))));
        listener.SetMeasurementEventCallback<double>((i, value, tags, _) => heard.Add((i.Name, value, Text(tags))));
        var instruments = new BatchingInstruments(meters);
        listener.Start();

        var options = new BatchingOptions { HoldUntilQueued = 2, PriorityLevels = 2, QueuePolicy = new() { MaxQueued = 1 } };
        var batcher = new Batcher((IBatchModel)new ScriptedModel(), options, new ManualTime(), instruments, new TagList { { "model", "m" }, { "version", 3 } });
        var first = batcher.RunAsync([Rows(1, 2)], priority: 1).AsTask();
        await batcher.RunAsync([Rows(3)], priority: 1).AsTask().RejectionAsync();
        await batcher.RunAsync([Rows(4)], priority: 2).AsTask().GivesAsync(4);
        await first.GivesAsync(1, 2);

        Assert.Equal(("oml-batch-rows", 3, "model=m version=3"), heard.Single(h => h.Instrument == "oml-batch-rows"));
        Assert.Equal(("oml-batch-rejected", 1, "model=m version=3 reason=queue_full"), heard.Single(h => h.Instrument == "oml-batch-rejected"));
        Assert.Equal(2, heard.Count(h => h.Instrument == "oml-batch-queue-time"));
        Assert.Equal(0, heard.Where(h => h.Instrument == "oml-batch-queued").Sum(h => h.Value));
    }

    private static string Text(ReadOnlySpan<KeyValuePair<string, object?>> tags) => string.Join(' ', tags.ToArray().Select(t => $"{t.Key}={t.Value}"));

    private sealed class OwnMeters : IMeterFactory
    {
        public Meter? Meter { get; private set; }

        public Meter Create(MeterOptions options) => Meter = new Meter(options);

        public void Dispose() => Meter?.Dispose();
    }
}
