using System.Collections.Immutable;
using OrleansMl.Declaration;
using OrleansMl.Learning;

namespace OrleansMl.Monitoring;

/// <summary>
/// A statistic for each series, judged chunk by chunk and all series together, so that their p-values can be corrected for
/// their number. An alarm is raised where a series is past the threshold in as many chunks in a row as the persistence has,
/// and ends after as many chunks with none; after that the cool-down has to pass before the next.
/// </summary>
internal sealed class ChunkWatch : IWatch
{
    private const int MaxEvidence = 10;

    /// <summary>A period with fewer rows goes on into the next one.</summary>
    private const int LeastPeriodRows = 30;

    private readonly MonitorDefinition _monitor;
    private readonly ImmutableArray<string> _names;
    private readonly WatchedSeries?[] _series;
    private MonitorWindow _chunk = new();
    private int _within;
    private long _sinceEnd = long.MaxValue;

    /// <param name="monitor">A monitor by a statistic.</param>
    /// <param name="names">Its series.</param>
    /// <param name="sample">The reference; its texts are rewritten as the codes that they get.</param>
    /// <param name="codes">Codes of the series of texts, as collected.</param>
    public ChunkWatch(MonitorDefinition monitor, ImmutableArray<string> names, ReferenceSample sample, CategoryCodes?[] codes)
        : this(monitor, names, codes)
    {
        for (var i = 0; i < _series.Length; i++)
        {
            if (codes[i] is { } texts)
                sample.Fit(i, texts);
            _series[i] = WatchedSeries.Fit(monitor, sample, i, codes[i]);
        }
    }

    private ChunkWatch(MonitorDefinition monitor, ImmutableArray<string> names, CategoryCodes?[] codes) =>
        (_monitor, _names, _series, Codes) = (monitor, names, new WatchedSeries?[names.Length], codes);

    public bool IsRaised { get; private set; }

    public bool IsWarning => !IsRaised && _series.Any(series => series is { Past: > 0 });

    public ImmutableArray<DriftEvidence> Evidence { get; private set; } = [];

    public int JudgedCount { get; private set; }

    public int PastCount { get; private set; }

    public MonitorWindow Window { get; private set; } = new();

    public CategoryCodes?[] Codes { get; }

    public AlarmStep Take(MonitorRow row, double[] values, long number)
    {
        var step = _monitor.Chunk.Period is { } period && _chunk.Rows >= LeastPeriodRows && Index(row.Prediction.Time, period) > Index(_chunk.To, period)
            ? Judge()
            : AlarmStep.None;
        _chunk.Add(row.Prediction, number);
        for (var i = 0; i < values.Length; i++)
        {
            if (!double.IsNaN(values[i]))
                _series[i]?.Add(values[i]);
        }

        if (_sinceEnd < long.MaxValue)
            _sinceEnd++;
        return _monitor.Chunk.Rows is { } rows && _chunk.Rows >= rows ? Judge() : step;
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(IsRaised);
        writer.Write(_within);
        writer.Write(_sinceEnd);
        _chunk.Write(writer);
        writer.Write(_names.Length);
        for (var i = 0; i < _series.Length; i++)
        {
            writer.Write(Codes[i] is not null);
            Codes[i]?.Write(writer);
            writer.Write(_series[i] is not null);
            _series[i]?.Write(writer);
        }
    }

    public static ChunkWatch Read(BinaryReader reader, MonitorDefinition monitor, ImmutableArray<string> names)
    {
        var watch = new ChunkWatch(monitor, names, new CategoryCodes?[names.Length])
        {
            IsRaised = reader.ReadBoolean(),
            _within = reader.ReadInt32(),
            _sinceEnd = reader.ReadInt64(),
            _chunk = MonitorWindow.Read(reader),
        };
        for (var (i, count) = (0, reader.ReadInt32()); i < count; i++)
        {
            if (reader.ReadBoolean())
                watch.Codes[i] = CategoryCodes.Read(reader);
            if (reader.ReadBoolean())
                watch._series[i] = WatchedSeries.Read(reader, watch.Codes[i]);
        }

        return watch;
    }

    private static long Index(DateTime time, TimeSpan period) => Math.DivRem(time.Ticks - DateTime.UnixEpoch.Ticks, period.Ticks).Quotient;

    private AlarmStep Judge()
    {
        int[] judged = [.. Enumerable.Range(0, _series.Length).Where(i => _series[i] is { IsJudged: true })];
        DriftMeasure[] measures = [.. judged.Select(i => _series[i]!.Measure())];
        var corrected = _monitor.Threshold.Alpha is null ? default : MultipleTesting.Adjust(_monitor.Correction, [.. measures.Select(measure => measure.PValue!.Value)]);
        var past = new bool[judged.Length];
        for (var k = 0; k < judged.Length; k++)
        {
            var series = _series[judged[k]]!;
            past[k] = _monitor.Threshold.Alpha is { } alpha ? corrected[k] < alpha : measures[k].Value > series.Limit;
            series.Past = past[k] ? series.Past + 1 : 0;
        }

        (JudgedCount, PastCount, Window) = (judged.Length, past.Count(one => one), _chunk);
        Evidence =
        [
            .. Enumerable.Range(0, judged.Length)
                .OrderByDescending(k => past[k])
                .ThenBy(k => corrected.IsDefault ? 0 : corrected[k])
                .ThenByDescending(k => _series[judged[k]]!.Limit is > 0 and var limit ? measures[k].Value / limit : measures[k].Value)
                .Take(MaxEvidence)
                .Select(k => _series[judged[k]]!.Evidence(_names[judged[k]], measures[k], corrected.IsDefault ? null : corrected[k], past[k])),
        ];
        _chunk = new MonitorWindow();
        foreach (var series in _series)
            series?.Clear();
        return Step();
    }

    private AlarmStep Step()
    {
        _within = PastCount == 0 ? _within + 1 : 0;
        if (!IsRaised && _sinceEnd >= _monitor.Cooldown && _series.Any(series => series?.Past >= _monitor.Persistence))
        {
            IsRaised = true;
            return AlarmStep.Raise;
        }

        if (!IsRaised || _within < _monitor.Persistence)
            return AlarmStep.None;
        (IsRaised, _sinceEnd) = (false, 0);
        return AlarmStep.End;
    }
}
