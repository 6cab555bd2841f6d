using System.Text;
using System.Text.Json;
using OrleansMl.Catalog;
using OrleansMl.Declaration;
using OrleansMl.Storage;

namespace OrleansMl.Monitoring;

/// <summary>
/// One declared monitor: takes the rows of its feed in order and says when its alarm begins and ends. No I/O; what it has
/// taken follows from the rows alone, so rows that come again after a crash lead to the same alarms under the same ids.
/// </summary>
internal sealed class ModelMonitor
{
    private readonly CompiledModel _model;
    private readonly SeriesReader _reader;
    private readonly double[] _values;
    private readonly CategoryCodes?[] _codes;
    private readonly string _fingerprint;
    private readonly string _life;
    private readonly long _began;
    private ReferenceSample? _sample;
    private IWatch? _watch;
    private long _alarms;
    private DateTime? _asOf;

    /// <summary>A monitor that begins.</summary>
    public ModelMonitor(MonitorDefinition definition, CompiledModel model, long after)
        : this(definition, model, new StoredMonitor { Fingerprint = FingerprintOf(definition, model), Life = Guid.CreateVersion7().ToString("n")[..16], Applied = after })
    {
    }

    /// <summary>A monitor that goes on.</summary>
    public ModelMonitor(MonitorDefinition definition, CompiledModel model, StoredMonitor stored)
    {
        (Definition, _model, _fingerprint, _life) = (definition, model, stored.Fingerprint, stored.Life);
        (_began, Applied, Rows, _alarms, _asOf, Failure) = (stored.Applied, stored.Applied, stored.Rows, stored.Alarms, stored.AsOf, stored.Failure);
        _reader = new SeriesReader(definition, model);
        _values = new double[_reader.Names.Length];
        _codes = [.. _reader.IsText.Select(text => text ? new CategoryCodes() : null)];
        if (stored.Watch is { } bytes)
            _watch = Read(bytes);
        else if (definition.Detector is not null)
            _watch = new DetectorWatch(definition, _reader.Names);
        else if (definition.Reference.Rows is not null)
            _sample = new ReferenceSample(_values.Length);
    }

    public MonitorDefinition Definition { get; }

    /// <summary>Sequence in its feed of the last row that it has taken.</summary>
    public long Applied { get; private set; }

    /// <summary>Rows that said something to it, since it began.</summary>
    public long Rows { get; private set; }

    public string? Failure { get; private set; }

    /// <summary>It waits for a reference of a time, which <see cref="Fit"/> gives it.</summary>
    public bool AwaitsReference => _watch is null && _sample is null && Failure is null;

    public bool IsRaised => _watch is { IsRaised: true };

    /// <summary>Id of the newest alarm.</summary>
    public string AlarmId => FormattableString.Invariant($"{Definition.Name}.{_life}.{_alarms}");

    /// <summary>The worst series of the last judgement.</summary>
    public DriftEvidence? Worst => _watch?.Evidence.FirstOrDefault();

    public static string FingerprintOf(MonitorDefinition definition, CompiledModel model) => JsonSerializer.Serialize(new
    {
        definition,
        Types = model.Definition.Columns.Where(column => definition.Columns.Contains(column.Name)).Select(column => column.Type),
        Target = definition.NeedsLabels ? model.Target?.Type : null,
    });

    /// <summary>Id of the alarm that a stored monitor has standing; null: none.</summary>
    public static string? StandingOf(string name, StoredMonitor stored) =>
        stored.IsRaised ? FormattableString.Invariant($"{name}.{stored.Life}.{stored.Alarms}") : null;

    /// <summary>Takes the next row of its feed; one at or below <see cref="Applied"/> was taken before.</summary>
    public AlarmStep Take(MonitorRow row)
    {
        if (row.Sequence <= Applied)
            return AlarmStep.None;
        Applied = row.Sequence;
        if (Failure is not null || AwaitsReference || !_reader.TryRead(row, _watch?.Codes ?? _codes, _values))
            return AlarmStep.None;
        Rows++;
        _asOf = row.Prediction.Created;
        if (_watch is null)
        {
            _sample!.Add(_values);
            if (_sample.Count >= Definition.Reference.Rows)
                Begin(_sample);
            return AlarmStep.None;
        }

        var step = _watch.Take(row, _values, Rows);
        if (step == AlarmStep.Raise)
            _alarms++;
        return step;
    }

    /// <summary>Gives it the reference of a time.</summary>
    public void Fit(IEnumerable<PredictionRecord> predictions, int least)
    {
        var sample = new ReferenceSample(_values.Length);
        foreach (var prediction in predictions)
        {
            if (_reader.TryRead(new MonitorRow(new FedPrediction(0, prediction)), _codes, _values))
                sample.Add(_values);
        }

        if (sample.Count >= least)
            Begin(sample);
        else
            Failure = FormattableString.Invariant($"The reference from {Definition.Reference.From:O} to {Definition.Reference.To:O} has {sample.Count} rows that say something, and {least} are needed; declare another time, or the first rows that come ({{rows: …}}).");
    }

    /// <summary>The alarm that has just been raised.</summary>
    public Alarm ToAlarm(DateTime now) => new()
    {
        Id = AlarmId,
        Model = _model.Name,
        Monitor = Definition.Name,
        On = MonitorWords.Of(Definition.On),
        Detector = MonitorWords.MethodOf(Definition),
        Raised = now,
        Evidence = [.. _watch!.Evidence.Where(evidence => evidence.IsPast)],
        PastCount = _watch.PastCount,
        JudgedCount = _watch.JudgedCount,
        Correction = MonitorWords.Of(Definition.Correction),
        Alpha = Definition.Threshold.Alpha,
        FirstRow = _watch.Window.FirstRow,
        LastRow = _watch.Window.FirstRow + _watch.Window.Rows - 1,
        From = _watch.Window.From,
        To = _watch.Window.To,
        Versions = _watch.Window.Versions,
        PredictionIds = _watch.Window.Ids,
    };

    public MonitorStatus Status() => new()
    {
        Name = Definition.Name,
        On = MonitorWords.Of(Definition.On),
        Detector = MonitorWords.MethodOf(Definition),
        State = Failure is not null ? "failed" : _watch switch { null => "collecting", { IsRaised: true } => "raised", { IsWarning: true } => "warning", _ => "watching" },
        Reason = Failure,
        Rows = Rows,
        Series = _values.Length,
        Worst = Worst,
        AsOf = _asOf,
        Alarm = IsRaised ? AlarmId : null,
        Alarms = _alarms,
    };

    public StoredMonitor Save()
    {
        // A reference that is being collected is not stored: its rows come again from where it began.
        var collecting = _watch is null && _sample is not null;
        return new StoredMonitor
        {
            Fingerprint = _fingerprint,
            Life = _life,
            Applied = collecting ? _began : Applied,
            Rows = collecting ? 0 : Rows,
            Alarms = _alarms,
            AsOf = _asOf,
            Failure = Failure,
            IsRaised = IsRaised,
            Watch = _watch is null ? null : Write(_watch),
        };
    }

    private static byte[] Write(IWatch watch)
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
            watch.Write(writer);
        return stream.ToArray();
    }

    private IWatch Read(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes, writable: false), Encoding.UTF8);
        return Definition.Detector is not null ? DetectorWatch.Read(reader, Definition, _reader.Names) : ChunkWatch.Read(reader, Definition, _reader.Names);
    }

    private void Begin(ReferenceSample sample) => (_watch, _sample) = (new ChunkWatch(Definition, _reader.Names, sample, _codes), null);
}
