using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace OrleansMl.Gateway.Metrics;

/// <summary>How Prometheus reads an instrument.</summary>
internal enum MetricKind
{
    Counter,
    ObservedCounter,
    Gauge,
    ObservedGauge,
    Histogram,
}

/// <summary>What one instrument has said so far: a series for each set of tags. Thread-safe.</summary>
/// <param name="name">In Prometheus' words.</param>
/// <param name="help">What it is.</param>
/// <param name="kind">How it is read.</param>
/// <param name="bounds">Of a histogram's buckets, ascending.</param>
internal sealed class MetricFamily(string name, string help, MetricKind kind, double[] bounds)
{
    /// <summary>Sets of tags kept; measurements of further ones go into one series with <c>overflow="true"</c>.</summary>
    public const int MaxSeries = 2_000;

    private readonly Lock _gate = new();

    // A measurement finds its series by its tags as they come: text is made of them only once.
    private readonly Dictionary<KeyValuePair<string, object?>[], Series> _byTags = new(TagComparer.Instance);
    private readonly SortedDictionary<string, Series> _byLabels = new(StringComparer.Ordinal);

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_gate)
        {
            var series = Find(tags);
            switch (kind)
            {
                case MetricKind.ObservedCounter or MetricKind.ObservedGauge:
                    series.Value = value;
                    break;
                case MetricKind.Histogram:
                    series.Value += value;
                    series.Count++;
                    var bucket = Array.BinarySearch(bounds, value);
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

    /// <summary>Appends the family as Prometheus text.</summary>
    public void Write(StringBuilder text)
    {
        var type = kind switch
        {
            MetricKind.Counter or MetricKind.ObservedCounter => "counter",
            MetricKind.Histogram => "histogram",
            _ => "gauge",
        };
        text.Append("# HELP ").Append(name).Append(' ').Append(help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('\n');
        text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
        lock (_gate)
        {
            foreach (var (labels, series) in _byLabels)
                Write(text, labels, series);
        }
    }

    /// <summary>A name with no other characters than Prometheus allows.</summary>
    public static string Word(string name) => string.Create(name.Length, name, static (span, source) =>
    {
        for (var i = 0; i < span.Length; i++)
            span[i] = char.IsAsciiLetter(source[i]) || (i > 0 && char.IsAsciiDigit(source[i])) ? source[i] : '_';
    });

    private Series Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (_byTags.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>().TryGetValue(tags, out var series))
            return series;
        var labels = Labels(tags);
        var isNew = !_byLabels.TryGetValue(labels, out series);
        if (isNew && _byLabels.Count >= MaxSeries)
        {
            const string Overflow = "overflow=\"true\"";
            if (!_byLabels.TryGetValue(Overflow, out series))
                _byLabels.Add(Overflow, series = new Series(bounds.Length));
            return series;
        }

        if (isNew)
            _byLabels.Add(labels, series = new Series(bounds.Length));
        // Other tags may read alike, such as a number and its text; not for ever more of them.
        if (_byTags.Count < 2 * MaxSeries)
            _byTags.Add(tags.ToArray(), series!);
        return series!;
    }

    private void Write(StringBuilder text, string labels, Series series)
    {
        if (kind != MetricKind.Histogram)
        {
            Line(text, name, labels, null, series.Value);
            return;
        }

        long below = 0;
        for (var i = 0; i < bounds.Length; i++)
        {
            below += series.Buckets[i];
            Line(text, name + "_bucket", labels, Number(bounds[i]), below);
        }

        Line(text, name + "_bucket", labels, "+Inf", series.Count);
        Line(text, name + "_sum", labels, null, series.Value);
        Line(text, name + "_count", labels, null, series.Count);
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
        foreach (var (tag, value) in tags)
        {
            if (text.Length > 0)
                text.Append(',');
            text.Append(Word(tag)).Append("=\"");
            var shown = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            text.Append(shown.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('"');
        }

        return text.ToString();
    }

    private sealed class Series(int buckets)
    {
        public long[] Buckets { get; } = new long[buckets];

        public double Value { get; set; }

        public long Count { get; set; }
    }

    private sealed class TagComparer : IEqualityComparer<KeyValuePair<string, object?>[]>, IAlternateEqualityComparer<ReadOnlySpan<KeyValuePair<string, object?>>, KeyValuePair<string, object?>[]>
    {
        public static readonly TagComparer Instance = new();

        public bool Equals(KeyValuePair<string, object?>[]? x, KeyValuePair<string, object?>[]? y) => ReferenceEquals(x, y) || (x is not null && y is not null && Equals(x.AsSpan(), y));

        public int GetHashCode([DisallowNull] KeyValuePair<string, object?>[] obj) => GetHashCode(obj.AsSpan());

        public KeyValuePair<string, object?>[] Create(ReadOnlySpan<KeyValuePair<string, object?>> alternate) => alternate.ToArray();

        public bool Equals(ReadOnlySpan<KeyValuePair<string, object?>> alternate, KeyValuePair<string, object?>[] other)
        {
            if (alternate.Length != other.Length)
                return false;
            for (var i = 0; i < alternate.Length; i++)
            {
                if (alternate[i].Key != other[i].Key || !Equals(alternate[i].Value, other[i].Value))
                    return false;
            }

            return true;
        }

        // The names are the instrument's own and few: the values tell series apart.
        public int GetHashCode(ReadOnlySpan<KeyValuePair<string, object?>> alternate)
        {
            var hash = default(HashCode);
            foreach (var (_, value) in alternate)
                hash.Add(value);
            return hash.ToHashCode();
        }
    }
}
