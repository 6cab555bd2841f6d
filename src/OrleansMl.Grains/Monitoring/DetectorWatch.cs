using System.Collections.Immutable;
using OrleansMl.Declaration;
using OrleansMl.Learning;
using OrleansMl.Storage;

namespace OrleansMl.Monitoring;

/// <summary>
/// A detector for each series. An alarm stands until none has detected anything for as many rows as the cool-down has;
/// what is detected meanwhile belongs to it. A detector keeps no sample: its evidence is the newest rows, in blocks, against
/// all that it has seen before them.
/// </summary>
internal sealed class DetectorWatch : IWatch
{
    private const int BlockRows = 50;
    private const int MaxEvidence = 10;

    private readonly MonitorDefinition _monitor;
    private readonly ImmutableArray<string> _names;
    private readonly IDriftDetector[] _detectors;
    private readonly Moments[] _before;
    private readonly Moments[] _previous;
    private readonly Moments[] _current;
    private MonitorWindow _previousWindow = new();
    private MonitorWindow _currentWindow = new();
    private long _quiet;

    public DetectorWatch(MonitorDefinition monitor, ImmutableArray<string> names)
        : this(monitor, names, [.. Make(monitor, names.Length)])
    {
    }

    private DetectorWatch(MonitorDefinition monitor, ImmutableArray<string> names, IDriftDetector[] detectors)
    {
        (_monitor, _names, _detectors) = (monitor, names, detectors);
        (_before, _previous, _current) = (new Moments[names.Length], new Moments[names.Length], new Moments[names.Length]);
        Codes = new CategoryCodes?[names.Length];
    }

    public bool IsRaised { get; private set; }

    public bool IsWarning { get; private set; }

    public int JudgedCount => _names.Length;

    public int PastCount { get; private set; }

    public MonitorWindow Window => _previousWindow.Then(_currentWindow);

    public CategoryCodes?[] Codes { get; }

    public ImmutableArray<DriftEvidence> Evidence =>
    [
        .. _detectors.Select((detector, series) => (detector, series)).Where(d => d.detector.Count > 0)
            .OrderByDescending(d => d.detector.InDrift).ThenByDescending(d => Excess(d.detector)).Take(MaxEvidence).Select(d => Of(d.series)),
    ];

    public AlarmStep Take(MonitorRow row, double[] values, long number)
    {
        Turn();
        _currentWindow.Add(row.Prediction, number);
        (PastCount, IsWarning) = (0, false);
        for (var i = 0; i < values.Length; i++)
        {
            if (double.IsNaN(values[i]))
                continue;

            // The value after an alarm starts a detector afresh: what it saw before is no reference any more.
            if (_detectors[i].InDrift)
                (_before[i], _previous[i], _current[i]) = (default, default, default);
            _detectors[i].Update(values[i]);
            _current[i].Add(values[i]);
            PastCount += _detectors[i].InDrift ? 1 : 0;
            IsWarning |= _detectors[i].InWarning;
        }

        if (PastCount > 0)
        {
            _quiet = 0;
            return IsRaised ? AlarmStep.None : Raise(true);
        }

        return IsRaised && ++_quiet >= _monitor.Cooldown ? Raise(false) : AlarmStep.None;
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(IsRaised);
        writer.Write(_quiet);
        _previousWindow.Write(writer);
        _currentWindow.Write(writer);
        writer.Write(_names.Length);
        for (var i = 0; i < _names.Length; i++)
        {
            var saved = _detectors[i].Save();
            writer.Write(saved.Length);
            writer.Write(saved);
            _before[i].Write(writer);
            _previous[i].Write(writer);
            _current[i].Write(writer);
        }
    }

    public static DetectorWatch Read(BinaryReader reader, MonitorDefinition monitor, ImmutableArray<string> names)
    {
        var (raised, quiet) = (reader.ReadBoolean(), reader.ReadInt64());
        var (previous, current) = (MonitorWindow.Read(reader), MonitorWindow.Read(reader));
        var detectors = new IDriftDetector[reader.ReadInt32()];
        var watch = new DetectorWatch(monitor, names, detectors) { IsRaised = raised, _quiet = quiet, _previousWindow = previous, _currentWindow = current };
        for (var i = 0; i < detectors.Length; i++)
        {
            detectors[i] = DriftDetectors.Restore(reader.ReadBytes(reader.ReadInt32()));
            (watch._before[i], watch._previous[i], watch._current[i]) = (Moments.Read(reader), Moments.Read(reader), Moments.Read(reader));
        }

        return watch;
    }

    private static IEnumerable<IDriftDetector> Make(MonitorDefinition monitor, int count)
    {
        var kind = DriftDetectors.Find(monitor.Detector!.Type)!;
        return Enumerable.Range(0, count).Select(_ => kind.Create(monitor.Detector.Params, monitor.Correction == DriftCorrection.Bonferroni ? count : 1));
    }

    private static double Excess(IDriftDetector detector)
    {
        var (value, limit) = (detector.Reading.Value, detector.Reading.Limit);
        return limit == 0 ? 0 : detector.Type == EddmDetector.Name ? limit / value : value / limit;
    }

    /// <summary>A full block becomes the previous one, and the previous one part of what was before.</summary>
    private void Turn()
    {
        if (_currentWindow.Rows < BlockRows)
            return;
        for (var i = 0; i < _names.Length; i++)
        {
            _before[i].Add(_previous[i]);
            (_previous[i], _current[i]) = (_current[i], default);
        }

        (_previousWindow, _currentWindow) = (_currentWindow, new MonitorWindow());
    }

    private AlarmStep Raise(bool raised)
    {
        (IsRaised, _quiet) = (raised, 0);
        return raised ? AlarmStep.Raise : AlarmStep.End;
    }

    private DriftEvidence Of(int series)
    {
        var current = _previous[series];
        current.Add(_current[series]);
        var reading = _detectors[series].Reading;
        return new DriftEvidence
        {
            Series = _names[series],
            Statistic = double.IsFinite(reading.Value) ? reading.Value : 0,
            Threshold = double.IsFinite(reading.Limit) ? reading.Limit : null,
            IsPast = _detectors[series].InDrift,
            Reference = _before[series].Summary(),
            Current = current.Summary(),
        };
    }
}
