using System.Globalization;
using System.Text.Json;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Data;
using OrleansMl.Declaration;

namespace OrleansMl.Cli.Replay;

/// <summary>
/// Truths, labels and scores of a target as one kind of number: for a target of classes the index of the class (of two: 0 negative,
/// 1 positive), for a regression target the value. NaN stands for none.
/// </summary>
internal sealed class TargetValues
{
    private readonly Dictionary<string, int> _classOfLabel = new(StringComparer.Ordinal);
    private readonly ThresholdStep? _threshold;

    public TargetValues(ModelDefinition model)
    {
        var target = model.Target ?? throw new ArgumentException($"Model '{model.Name}' declares no target.", nameof(model));
        IsRegression = target.Type == TargetType.Regression;
        Classes = target.Classes.Length >= 2 ? [.. target.Classes] : ["0", "1"];
        if (IsRegression)
            return;
        foreach (var (index, name) in Classes.Index())
            _classOfLabel[name] = index;
        foreach (var step in model.Postprocess)
        {
            if (step.Threshold is { } threshold)
            {
                _threshold = threshold;
                _classOfLabel.TryAdd(threshold.Below, 0);
                _classOfLabel.TryAdd(threshold.Above, 1);
            }

            if (step.LabelMap is not { } map)
                continue;
            foreach (var (from, to) in map)
            {
                if (_classOfLabel.TryGetValue(from, out var index))
                    _classOfLabel.TryAdd(to, index);
            }
        }
    }

    public bool IsRegression { get; }

    /// <summary>Names of the classes, of two the negative and the positive one.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>The truth in a cell; NaN when it is empty.</summary>
    /// <exception cref="CommandException">The cell is no number, or names no class.</exception>
    public double Truth(CsvRow row, int column)
    {
        var cell = row.Cells[column];
        if (cell.Length == 0)
            return double.NaN;
        if (IsRegression)
        {
            return double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
                ? number
                : throw CommandException.Invalid($"{row.File}:{row.Line}: the outcome is '{cell}', a finite number is needed.");
        }

        for (var index = 0; index < Classes.Count; index++)
        {
            if (cell == Classes[index])
                return index;
        }

        return cell switch
        {
            "0" when Classes.Count == 2 => 0,
            "1" when Classes.Count == 2 => 1,
            _ when Classes.Count > 2 => throw CommandException.Invalid($"{row.File}:{row.Line}: the outcome is '{cell}', one of {string.Join(", ", Classes.Take(20))}{(Classes.Count > 20 ? $" and {Classes.Count - 20} more" : "")} is needed."),
            _ => throw CommandException.Invalid($"{row.File}:{row.Line}: the outcome is '{cell}', one of {string.Join(", ", Classes)} (or 0, 1) is needed."),
        };
    }

    /// <summary>Writes a truth as the server takes it: the class's name, or 0 and 1 for unnamed classes, or the number.</summary>
    public void WriteTruth(Utf8JsonWriter json, JsonEncodedText name, double truth)
    {
        if (IsRegression || (Classes.Count == 2 && Classes[0] == "0"))
            json.WriteNumber(name, truth);
        else
            json.WriteString(name, Classes[(int)truth]);
    }

    /// <summary>What was answered; NaN when the label is none of the target's (and so is never right).</summary>
    public double Answer(string? label, double? score)
    {
        if (IsRegression)
            return score ?? double.NaN;
        if (label is not null)
            return _classOfLabel.TryGetValue(label, out var index) ? index : double.NaN;
        return score is { } probability && Classes.Count == 2 ? ClassAt(probability) : double.NaN;
    }

    /// <summary>The class that the declared threshold, else 0.5, makes of a probability of the positive class.</summary>
    public double ClassAt(double probability) =>
        _threshold is { } step
            ? _classOfLabel.GetValueOrDefault(probability < step.At ? step.Below : step.Above, probability < step.At ? 0 : 1)
            : probability < 0.5 ? 0 : 1;

    /// <summary>Name of the class, or the number as text; null for NaN.</summary>
    public string? Name(double value) =>
        double.IsNaN(value) ? null : IsRegression ? value.ToString("R", CultureInfo.InvariantCulture) : Classes[(int)value];
}
