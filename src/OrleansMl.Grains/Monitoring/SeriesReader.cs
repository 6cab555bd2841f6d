using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Declaration;
using OrleansMl.Learning;
using OrleansMl.Predictions;
using OrleansMl.Storage;

namespace OrleansMl.Monitoring;

/// <summary>The numbers that a monitor sees in a prediction: one, or one for each of its columns.</summary>
internal sealed class SeriesReader
{
    private readonly MonitorDefinition _monitor;
    private readonly TargetDefinition? _target;
    private readonly int[] _places;

    public SeriesReader(MonitorDefinition monitor, CompiledModel model)
    {
        _monitor = monitor;
        _target = model.Target;
        Names = monitor.OfColumns ? monitor.Columns : [MonitorWords.Of(monitor.On)];
        _places = [.. Names.Select((_, i) => i)];
        IsText = [.. Names.Select(name => IsClassName || (monitor.On == MonitoredSeries.Features && model.Definition.Columns.Any(c => c.Name == name && c.IsCategorical)))];
    }

    /// <summary>The columns, or the word of what is watched.</summary>
    public ImmutableArray<string> Names { get; }

    private bool IsMulticlass => _target is { Type: TargetType.Multiclass };

    /// <summary>The series is the name of a class.</summary>
    private bool IsClassName => IsMulticlass && _monitor.On is (MonitoredSeries.Class or MonitoredSeries.Label);

    /// <summary>Series of texts, which come as codes.</summary>
    public ImmutableArray<bool> IsText { get; }

    /// <summary>Reads a row into <paramref name="values"/>, NaN for what is missing; false: it says nothing to this monitor.</summary>
    /// <param name="row">The prediction.</param>
    /// <param name="codes">Codes of the series of texts; null for the others.</param>
    /// <param name="values">One for each series.</param>
    public bool TryRead(MonitorRow row, CategoryCodes?[] codes, double[] values)
    {
        if (!_monitor.OfColumns)
            return double.IsFinite(values[0] = IsClassName ? NameOf(row.Prediction, codes[0]) : IsMulticlass ? OfClasses(row.Prediction) : Of(row.Prediction));
        var vector = row.Vector;
        for (var i = 0; i < values.Length; i++)
        {
            var feature = Find(vector, i);
            values[i] = _monitor.On == MonitoredSeries.MissingRate
                ? feature is { Status: FeatureStatus.Present, Value.Kind: not ScalarKind.Missing } ? 0 : 1
                : Value(feature, codes[i]);
        }

        return true;
    }

    private static double Value(FeatureValue? feature, CategoryCodes? codes)
    {
        if (feature is not { Value: { Kind: not ScalarKind.Missing } value })
            return double.NaN;
        if (codes is not null)
            return value.AsText() is { } text ? codes.CodeOf(text) : double.NaN;
        return value.Kind != ScalarKind.Text && value.AsNumber() is var number && double.IsFinite(number) ? number : double.NaN;
    }

    private double Of(PredictionRecord prediction)
    {
        var (score, label) = (prediction.Score ?? double.NaN, prediction.Label ?? double.NaN);
        if ((_monitor.NeedsLabels && double.IsNaN(label)) || (_monitor.On != MonitoredSeries.Label && double.IsNaN(score)))
            return double.NaN;
        return _monitor.On switch
        {
            MonitoredSeries.Score => score,
            MonitoredSeries.Label => label,
            MonitoredSeries.Error => _target is { Type: TargetType.Binary } ? 1 - Losses.Correct(score, label) : Losses.AbsoluteError(score, label),
            _ => _target is { Type: TargetType.Binary } ? Losses.LogLoss(score, label) : Losses.SquaredError(score, label),
        };
    }

    /// <summary>Code of the class that was true, or was answered; NaN: there is none, or it is none of those declared now.</summary>
    private double NameOf(PredictionRecord prediction, CategoryCodes? codes)
    {
        var place = _monitor.On == MonitoredSeries.Label ? prediction.Label
            : ProbabilityCodec.Decode(prediction.Decision.Span) is { } probabilities ? ClassAnswer.Of(probabilities, 0).Class
            : null;
        return place is >= 0 and var known && known < _target!.Classes.Length ? codes!.CodeOf(_target.Classes[(int)known]) : double.NaN;
    }

    private double OfClasses(PredictionRecord prediction)
    {
        if (_monitor.On == MonitoredSeries.Score)
            return prediction.Score ?? double.NaN;
        if (prediction.Label is not { } label || ProbabilityCodec.Judge(prediction.Decision.Span, label) is not { } answer)
            return double.NaN;
        return _monitor.On == MonitoredSeries.Error ? 1 - answer.Correct(label) : answer.LogLoss;
    }

    /// <summary>Vectors of one model have their columns in the same places, mostly: another lineage may have had others.</summary>
    private FeatureValue? Find(ImmutableArray<FeatureValue> vector, int series)
    {
        ref var place = ref _places[series];
        if (place < vector.Length && vector[place].Name == Names[series])
            return vector[place];
        for (var i = 0; i < vector.Length; i++)
        {
            if (vector[i].Name == Names[series])
            {
                place = i;
                return vector[i];
            }
        }

        return null;
    }
}
