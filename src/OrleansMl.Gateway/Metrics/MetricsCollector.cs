using System.Diagnostics.Metrics;
using System.Text;

namespace OrleansMl.Gateway.Metrics;

/// <summary>
/// Listens to the meters named <c>OrleansMl.*</c> and to the runtime's own (garbage collection, threads, processor time) and writes what they say as Prometheus text (exposition format 0.0.4).
/// </summary>
internal sealed class MetricsCollector : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private static readonly double[] DefaultBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly MeterListener _listener = new();
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);

    public MetricsCollector(IMeterFactory factory)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // Meters of another host in the same process carry that host's factory as their scope.
            if ((instrument.Meter.Name == "System.Runtime" || instrument.Meter.Name.StartsWith("OrleansMl", StringComparison.Ordinal))
                && (instrument.Meter.Scope is null || ReferenceEquals(instrument.Meter.Scope, factory)))
                listener.EnableMeasurementEvents(instrument, FamilyOf(instrument));
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, state) => ((MetricFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, state) => ((MetricFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, state) => ((MetricFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<float>((_, value, tags, state) => ((MetricFamily)state!).Record(value, tags));
        _listener.Start();
    }

    /// <summary>Everything as Prometheus text.</summary>
    public string Render()
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        lock (_gate)
        {
            foreach (var family in _families.Values)
                family.Write(text);
        }

        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private MetricFamily FamilyOf(Instrument instrument)
    {
        var type = instrument.GetType();
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        var kind = definition switch
        {
            _ when definition == typeof(Counter<>) => MetricKind.Counter,
            _ when definition == typeof(ObservableCounter<>) => MetricKind.ObservedCounter,
            _ when definition == typeof(Histogram<>) => MetricKind.Histogram,
            _ when definition == typeof(UpDownCounter<>) => MetricKind.Gauge,
            _ => MetricKind.ObservedGauge,
        };
        var name = PrometheusName(instrument.Name, instrument.Unit, kind);
        var bounds = instrument switch
        {
            Histogram<double> { Advice.HistogramBucketBoundaries: { } stated } => stated,
            Histogram<int> { Advice.HistogramBucketBoundaries: { } stated } => stated.Select(b => (double)b),
            Histogram<long> { Advice.HistogramBucketBoundaries: { } stated } => stated.Select(b => (double)b),
            _ => DefaultBuckets,
        };
        lock (_gate)
        {
            if (!_families.TryGetValue(name, out var family))
                _families.Add(name, family = new MetricFamily(name, instrument.Description ?? instrument.Name, kind, [.. bounds]));
            return family;
        }
    }

    private static string PrometheusName(string name, string? unit, MetricKind kind)
    {
        var result = MetricFamily.Word(name) + unit switch
        {
            "s" => "_seconds",
            "ms" => "_milliseconds",
            "By" => "_bytes",
            _ => "",
        };
        return kind is MetricKind.Counter or MetricKind.ObservedCounter && !result.EndsWith("_total", StringComparison.Ordinal) ? result + "_total" : result;
    }
}
