using System.Globalization;
using System.Text;
using OrleansMl.Gateway.Metrics;

namespace OrleansMl.Gateway.Tests;

public sealed class MetricFamilyTests
{
    private readonly MetricFamily _counter = new("asked_total", "Questions.", MetricKind.Counter, []);

    [Fact]
    public void A_set_of_tags_has_one_series()
    {
        _counter.Record(1, [new("model", "a"), new("status", 200)]);
        _counter.Record(2, [new("model", "a"), new("status", 200)]);
        _counter.Record(4, [new("model", "b"), new("status", 200)]);
        _counter.Record(8, [new("model", "a")]);
        _counter.Record(16, []);
        Assert.Equal(
            ["# HELP asked_total Questions.", "# TYPE asked_total counter", "asked_total 16", "asked_total{model=\"a\"} 8", "asked_total{model=\"a\",status=\"200\"} 3", "asked_total{model=\"b\",status=\"200\"} 4"],
            Lines(_counter));
    }

    [Fact]
    public void Tags_that_read_alike_are_one_series()
    {
        _counter.Record(1, [new("status", 200)]);
        _counter.Record(2, [new("status", "200")]);
        _counter.Record(4, [new("status", 200L)]);
        Assert.Equal(["asked_total{status=\"200\"} 7"], Lines(_counter).Skip(2));
    }

    [Fact]
    public void Values_are_escaped_and_a_missing_one_is_empty()
    {
        _counter.Record(1, [new("a-b", "say \"\\\"\n"), new("none", null)]);
        Assert.Equal(["""asked_total{a_b="say \"\\\"\n",none=""} 1"""], Lines(_counter).Skip(2));
    }

    [Fact]
    public void Series_beyond_the_limit_are_counted_together_and_earlier_ones_go_on()
    {
        for (var i = 0; i < MetricFamily.MaxSeries + 10; i++)
            _counter.Record(1, [new("key", i)]);
        _counter.Record(1, [new("key", 0)]);
        _counter.Record(1, [new("key", "late")]);
        var lines = Lines(_counter).Skip(2).ToList();
        Assert.Equal(MetricFamily.MaxSeries + 1, lines.Count);
        Assert.Contains("asked_total{key=\"0\"} 2", lines);
        Assert.Contains("asked_total{overflow=\"true\"} 11", lines);
    }

    [Fact]
    public void A_known_set_of_tags_allocates_nothing()
    {
        KeyValuePair<string, object?>[] tags = [new("route", "/v2/models/{model}/infer"), new("method", "POST"), new("status", 200)];
        var seconds = new MetricFamily("took_seconds", "Time.", MetricKind.Histogram, [0.1, 1]);
        for (var i = 0; i < 50; i++)
            seconds.Record(0.5, tags);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            seconds.Record(0.5, tags);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Measurements_of_many_threads_are_all_counted()
    {
        Parallel.For(0, 10_000, i => _counter.Record(1, [new("key", i % 7)]));
        Assert.Equal(10_000, Lines(_counter).Skip(2).Sum(l => int.Parse(l[(l.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)));
    }

    private static string[] Lines(MetricFamily family)
    {
        var text = new StringBuilder();
        family.Write(text);
        return text.ToString().TrimEnd('\n').Split('\n');
    }
}
