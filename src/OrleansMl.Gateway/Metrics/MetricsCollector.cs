using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace OrleansMl.Gateway.Metrics;

/// <summary>
/// Listens to the meters named <c>OrleansMl.*</c> and to the runtime's own (garbage collection, threads, processor time) and writes what they say as Prometheus text (exposition format 0.0.4).
/// </summary>
internal sealed class MetricsCollector : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Label sets kept for one instrument; measurements of further ones go into one series with <c>overflow="true"</c>.</summary>
    public const int MaxSeries = 2_000;

    private static readonly double[] DefaultBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly MeterListener _listener = new();
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Family> _families = new(StringComparer.Ordinal);

    public MetricsCollector(IMeterFactory factory)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // Meters of another host in the same process carry that host's factory as their scope.
            if ((instrument.Meter.Name == "System.Runtime" || instrument.Meter.Name.StartsWith("OrleansMl", StringComparison.Ordinal))
                && (instrument.Meter.Scope is null || ReferenceEquals(instrument.Meter.Scope, factory)))
                listener.EnableMeasurementEvents(instrument, FamilyOf(instrument));
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, state) => Record((Family)state!, value, tags));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, state) => Record((Family)state!, value, tags));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, state) => Record((Family)state!, value, tags));
        _listener.SetMeasurementEventCallback<float>((_, value, tags, state) => Record((Family)state!, value, tags));
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
                Write(text, family);
        }

        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private Family FamilyOf(Instrument instrument)
    {
        var type = instrument.GetType();
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        var kind = definition switch
        {
            _ when definition == typeof(Counter<>) => Kind.Counter,
            _ when definition == typeof(ObservableCounter<>) => Kind.ObservedCounter,
            _ when definition == typeof(Histogram<>) => Kind.Histogram,
            _ when definition == typeof(UpDownCounter<>) => Kind.Gauge,
            _ => Kind.ObservedGauge,
        };
        var name = PrometheusName(instrument.Name, instrument.Unit, kind);
        var bounds = (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries ?? DefaultBuckets;
        lock (_gate)
        {
            if (!_families.TryGetValue(name, out var family))
                _families.Add(name, family = new Family(name, instrument.Description ?? instrument.Name, kind, [.. bounds]));
            return family;
        }
    }

    private void Record(Family family, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = Labels(tags);
        lock (_gate)
        {
            if (!family.Series.TryGetValue(labels, out var series))
            {
                if (family.Series.Count >= MaxSeries)
                    labels = "overflow=\"true\"";
                if (!family.Series.TryGetValue(labels, out series))
                    family.Series.Add(labels, series = new Series(family.Bounds.Length));
            }

            switch (family.Kind)
            {
                case Kind.ObservedCounter or Kind.ObservedGauge:
                    series.Value = value;
                    break;
                case Kind.Histogram:
                    series.Value += value;
                    series.Count++;
                    var bucket = Array.BinarySearch(family.Bounds, value);
                    bucket = bucket < 0 ? ~bucket : bucket;
                    if (bucket < series.Buckets.Length)
                        series.Buckets[bucket]++;
                    break;
                default:
                    series.Value += value;
                    break;
            }
        }
    }

    private static void Write(StringBuilder text, Family family)
    {
        var type = family.Kind switch
        {
            Kind.Counter or Kind.ObservedCounter => "counter",
            Kind.Histogram => "histogram",
            _ => "gauge",
        };
        text.Append("# HELP ").Append(family.Name).Append(' ').Append(family.Help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('\n');
        text.Append("# TYPE ").Append(family.Name).Append(' ').Append(type).Append('\n');
        foreach (var (labels, series) in family.Series)
        {
            if (family.Kind != Kind.Histogram)
            {
                Line(text, family.Name, labels, null, series.Value);
                continue;
            }

            long below = 0;
            for (var i = 0; i < family.Bounds.Length; i++)
            {
                below += series.Buckets[i];
                Line(text, family.Name + "_bucket", labels, Number(family.Bounds[i]), below);
            }

            Line(text, family.Name + "_bucket", labels, "+Inf", series.Count);
            Line(text, family.Name + "_sum", labels, null, series.Value);
            Line(text, family.Name + "_count", labels, null, series.Count);
        }
    }

    private static void Line(StringBuilder text, string name, string labels, string? le, double value)
    {
        text.Append(name);
        if (labels.Length > 0 || le is not null)
        {
            text.Append('{').Append(labels);
            if (le is not null)
                text.Append(labels.Length > 0 ? "," : "").Append("le=\"").Append(le).Append('"');
            text.Append('}');
        }

        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
            return "";
        var text = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            if (text.Length > 0)
                text.Append(',');
            text.Append(Word(name)).Append("=\"");
            var shown = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            text.Append(shown.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('"');
        }

        return text.ToString();
    }

    private static string PrometheusName(string name, string? unit, Kind kind)
    {
        var result = Word(name) + unit switch
        {
            "s" => "_seconds",
            "ms" => "_milliseconds",
            "By" => "_bytes",
            _ => "",
        };
        return kind is Kind.Counter or Kind.ObservedCounter && !result.EndsWith("_total", StringComparison.Ordinal) ? result + "_total" : result;
    }

    private static string Word(string name) => string.Create(name.Length, name, static (span, source) =>
    {
        for (var i = 0; i < span.Length; i++)
            span[i] = char.IsAsciiLetter(source[i]) || (i > 0 && char.IsAsciiDigit(source[i])) ? source[i] : '_';
    });

    private enum Kind
    {
        Counter,
        ObservedCounter,
        Gauge,
        ObservedGauge,
        Histogram,
    }

    private sealed record Family(string Name, string Help, Kind Kind, double[] Bounds)
    {
        public SortedDictionary<string, Series> Series { get; } = new(StringComparer.Ordinal);
    }

    private sealed class Series(int buckets)
    {
        public long[] Buckets { get; } = new long[buckets];

        public double Value { get; set; }

        public long Count { get; set; }
    }
}
