using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Declaration;
using OrleansMl.Learning;
using OrleansMl.Storage;

namespace OrleansMl.Monitoring;

/// <summary>The numbers that a monitor sees in a prediction: one, or one for each of its columns.</summary>
internal sealed class SeriesReader
{
    private readonly MonitorDefinition _monitor;
    private readonly bool _isBinary;
    private readonly int[] _places;

    public SeriesReader(MonitorDefinition monitor, CompiledModel model)
    {
        _monitor = monitor;
        _isBinary = model.Target is { Type: TargetType.Binary };
        Names = monitor.OfColumns ? monitor.Columns : [MonitorWords.Of(monitor.On)];
        _places = [.. Names.Select((_, i) => i)];
        IsText = [.. Names.Select(name => monitor.On == MonitoredSeries.Features && model.Definition.Columns.Any(c => c.Name == name && c.IsCategorical))];
    }

    /// <summary>The columns, or the word of what is watched.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>Series of texts, which come as codes.</summary>
    public ImmutableArray<bool> IsText { get; }

    /// <summary>Reads a row into <paramref name="values"/>, NaN for what is missing; false: it says nothing to this monitor.</summary>
    /// <param name="row">The prediction.</param>
    /// <param name="codes">Codes of the series of texts; null for the others.</param>
    /// <param name="values">One for each series.</param>
    public bool TryRead(MonitorRow row, CategoryCodes?[] codes, double[] values)
    {
        if (!_monitor.OfColumns)
            return double.IsFinite(values[0] = Of(row.Prediction));
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
            MonitoredSeries.Error => _isBinary ? 1 - Losses.Correct(score, label) : Losses.AbsoluteError(score, label),
            _ => _isBinary ? Losses.LogLoss(score, label) : Losses.SquaredError(score, label),
        };
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
