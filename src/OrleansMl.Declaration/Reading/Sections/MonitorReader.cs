using System.Collections.Immutable;
using OrleansMl.Declaration.Yaml;
using OrleansMl.Learning;

namespace OrleansMl.Declaration;

/// <summary>Reads a model's <c>monitors</c>.</summary>
internal static class MonitorReader
{
    private static readonly string[] OfStatistics = ["threshold", "chunk", "reference", "persistence"];

    public static ImmutableArray<MonitorDefinition> ReadAll(NodeReader node, MapReader model, TargetDefinition? target, VectorReader vector)
    {
        var monitors = ImmutableArray.CreateBuilder<MonitorDefinition>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in node.Items("monitors", Limits.Stages))
        {
            if (item.Map(Shapes.Monitor) is not { } map)
                continue;
            var name = map["name"]?.Name("a monitor");
            if (name is not null && !names.Add(name))
                map["name"]!.Value.Fault("duplicate_name", $"There is another monitor named '{name}'; names of a model's monitors are unique: rename one.");
            if (Read(map, model, target, vector) is { } monitor && name is not null)
                monitors.Add(monitor with { Name = name });
        }

        return monitors.DrainToImmutable();
    }

    private static MonitorDefinition? Read(MapReader map, MapReader model, TargetDefinition? target, VectorReader vector)
    {
        if (map["on"]?.Word(Shapes.Series) is not { } on)
            return null;
        var how = map.OneOf("how drift is found", "detector", "statistic");
        var monitor = new MonitorDefinition { Name = "", On = on };
        if (monitor.NeedsLabels && !model.Has("target"))
            map["on"]!.Value.Fault("missing_key", $"A monitor on {map["on"]!.Value.Said()} needs the model's key 'target': it compares predictions with their truths.");
        var isMulticlass = target is { Type: TargetType.Multiclass };
        if (on == MonitoredSeries.Class && !isMulticlass && (target is not null || !model.Has("target")))
            map["on"]!.Value.Fault("conflict", "A monitor on class watches the most probable class of a multiclass target; of other targets watch score.");
        if (how is null)
            return null;
        if (on == MonitoredSeries.Class || (on == MonitoredSeries.Label && isMulticlass))
            CheckCategories(map, how);
        monitor = how == "detector"
            ? monitor with { Detector = Detector(map, on, target) }
            : monitor with { Statistic = map["statistic"]!.Value.Word(Shapes.Statistics) };
        if (monitor is { Detector: null, Statistic: null })
            return null;
        monitor = monitor with { Columns = Columns(map, monitor, vector) };
        if (monitor.Statistic is { } statistic)
            monitor = MonitorStatisticReader.Read(map, monitor, statistic);
        foreach (var key in OfStatistics.Where(key => monitor.Detector is not null && map.Has(key)))
            map.Key(key).Fault("conflict", $"'{key}' belongs to a statistic; a detector has its own parameters: remove it, or give a statistic in its place.");
        return monitor with
        {
            Cooldown = map["cooldown"]?.Int(1, 1_000_000_000) ?? 1000,
            Correction = Correction(map, monitor),
        };
    }

    /// <summary>Classes by name have shares, and neither an order nor a distance.</summary>
    private static void CheckCategories(MapReader map, string how)
    {
        const string Remedy = "take psi, chi_square, jensen_shannon or hellinger";
        if (how == "detector")
            map.Key("detector").Fault("conflict", $"A detector watches numbers, and {map["on"]!.Value.Said()} of a multiclass target is the name of a class: {Remedy}, or watch error.");
        else if (map["statistic"]!.Value.Node is YamlScalar { Text: "wasserstein" or "kolmogorov_smirnov" })
            map["statistic"]!.Value.Fault("conflict", $"{map["statistic"]!.Value.Said()} compares numbers, and {map["on"]!.Value.Said()} of a multiclass target is the name of a class: {Remedy}.");
    }

    private static MonitorDetectorDefinition? Detector(MapReader map, MonitoredSeries on, TargetDefinition? target)
    {
        if (map["detector"]!.Value.Map(Shapes.MonitorDetector) is not { } detector || detector["type"] is not { } node)
            return null;
        if (node.Text($"one of {Suggestion.List(DriftDetectors.Types)}") is not { } type)
            return null;
        if (DriftDetectors.Find(type) is not { } kind)
        {
            node.Fault("unknown_detector", $"There is no drift detector '{Excerpt.Of(type)}' (available: {Suggestion.List(DriftDetectors.Types)}).{Suggestion.For(type, DriftDetectors.Types)}");
            return null;
        }

        var takes = on switch
        {
            MonitoredSeries.MissingRate => true,
            MonitoredSeries.Error => target is null || target.ClassCount() > 0,
            MonitoredSeries.Label => target is null or { Type: TargetType.Binary },
            _ => false,
        };
        if (kind.TakesErrors && !takes)
            node.Fault("conflict", $"{type} takes 0 and 1 only: watch error or label of a binary target, error of a multiclass one, or missing_rate, or take {Suggestion.List([.. DriftDetectors.Kinds.Where(other => !other.TakesErrors).Select(other => other.Name)])}.");
        return new MonitorDetectorDefinition(type, detector["params"] is { } list ? Parameters(list, kind) : ImmutableSortedDictionary<string, object>.Empty);
    }

    private static ImmutableSortedDictionary<string, object> Parameters(NodeReader node, DriftDetectorKind kind)
    {
        var values = ImmutableSortedDictionary.CreateBuilder<string, object>(StringComparer.Ordinal);
        var sound = true;
        foreach (var (key, name, value) in node.Entries("parameters", Limits.Stages))
        {
            if (kind.Parameters.FirstOrDefault(parameter => parameter.Name == name) is not { } parameter)
            {
                var names = kind.Parameters.Select(other => other.Name).ToArray();
                key.Fault("unknown_key", $"{kind.Name} has no parameter '{Excerpt.Of(name)}' (available: {Suggestion.List(names)}).{Suggestion.For(name, names)}");
                sound = false;
            }
            else if (value.Number() is not { } number)
                sound = false;
            else if (!parameter.Admits(number))
            {
                value.Fault("out_of_range", $"{parameter.Name} {value.Said()} is out of range; it must be {parameter.Admitted}.");
                sound = false;
            }
            else
                values[name] = number;
        }

        var read = values.ToImmutable();
        try
        {
            if (sound)
                kind.Create(read);
        }
        catch (LearnerException exception)
        {
            node.Fault("conflict", exception.Message);
        }

        return read;
    }

    private static ImmutableArray<string> Columns(MapReader map, MonitorDefinition monitor, VectorReader vector)
    {
        if (!monitor.OfColumns)
        {
            if (map.Has("columns"))
                map.Key("columns").Fault("conflict", "'columns' belongs to a monitor on features or missing_rate; remove it.");
            return [];
        }

        // Texts have categories, and neither an order nor a distance; that one is missing is a number all the same.
        var takesTexts = monitor.On == MonitoredSeries.MissingRate
            || monitor.Statistic is DriftStatisticKind.Psi or DriftStatisticKind.ChiSquare or DriftStatisticKind.JensenShannon or DriftStatisticKind.Hellinger;
        if (map["columns"] is not { } list)
        {
            ImmutableArray<string> fit = [.. vector.Columns.Where(column => takesTexts || !column.IsCategorical).Select(column => column.Name)];
            if (fit.IsEmpty && vector.Complete)
                map["on"]!.Value.Fault("no_columns", takesTexts ? "The model has no columns to watch: give it 'inputs' or 'features'." : "The model has no columns of numbers to watch: take psi, chi_square, jensen_shannon or hellinger for texts.");
            return fit;
        }

        var names = vector.Columns.Select(column => column.Name).ToArray();
        var columns = ImmutableArray.CreateBuilder<string>();
        foreach (var item in list.Items("columns", Limits.Columns))
        {
            if (item.Text("the name of a column") is not { } name)
                continue;
            if (columns.Contains(name))
                item.Fault("duplicate_column", $"'{Excerpt.Of(name)}' is listed twice; keep one.");
            else if (vector.Find(name) is not { } column)
            {
                if (vector.Complete)
                    item.Fault("unknown_column", $"'{Excerpt.Of(name)}' is no column of this model (columns: {Suggestion.List(names)}).{Suggestion.For(name, names)}");
            }
            else if (column.IsCategorical && !takesTexts)
                item.Fault("conflict", $"The column '{Excerpt.Of(name)}' holds texts, which have no order: take psi, chi_square, jensen_shannon or hellinger for it, or leave it out.");
            columns.Add(name);
        }

        if (columns.Count == 0 && list.IsSequence)
            list.Fault("no_columns", "The list is empty: name columns, or leave 'columns' out for all of them.");
        return columns.DrainToImmutable();
    }

    private static DriftCorrection Correction(MapReader map, MonitorDefinition monitor)
    {
        var kind = monitor.Detector is { } detector ? DriftDetectors.Find(detector.Type) : null;
        var byDefault = !monitor.OfColumns ? DriftCorrection.None
            : monitor.Threshold.Alpha is not null ? DriftCorrection.Holm
            : kind is { HasLevel: true } ? DriftCorrection.Bonferroni
            : DriftCorrection.None;
        if (map["correction"] is not { } node || node.Word(Shapes.Corrections) is not { } correction || correction == DriftCorrection.None)
            return map.Has("correction") ? DriftCorrection.None : byDefault;
        if (kind is not null && (!kind.HasLevel || correction != DriftCorrection.Bonferroni))
        {
            node.Fault("conflict", kind.HasLevel
                ? $"Detectors judge at different times, so they share their level by bonferroni alone, not by {node.Said()}."
                : $"{kind.Name} has no level that its columns could share; remove 'correction', or take adwin or kswin.");
        }
        else if (kind is null && monitor.Threshold.Alpha is null)
            node.Fault("conflict", "A correction adjusts p-values: give the threshold as {alpha: …}, or remove 'correction'.");
        return correction;
    }
}
