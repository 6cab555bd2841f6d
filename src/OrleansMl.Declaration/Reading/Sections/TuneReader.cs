using System.Collections.Immutable;
using OrleansMl.Declaration.Yaml;
using OrleansMl.Learning;

namespace OrleansMl.Declaration;

/// <summary>Reads a trainer's <c>tune</c>.</summary>
internal static class TuneReader
{
    private const int MaxTrials = 10_000;
    private const int LongestSeconds = 7 * 24 * 3600;

    public static TuneDefinition? Read(NodeReader node, string type, ImmutableArray<LearnerParameter> known, ImmutableSortedDictionary<string, object> given, TargetDefinition? target)
    {
        if (node.Map(Shapes.Tune) is not { } map)
            return null;
        string[] fit = [.. TuningMetric.Fitting(target?.ClassCount() ?? 2).Select(metric => metric.Name)];
        var metric = map["metric"]?.Word(Shapes.TuneMetrics);
        if (metric is not null && target is not null && !fit.Contains(metric))
            map["metric"]!.Value.Fault("conflict", $"{metric} does not measure a {target.Type.ToString().ToLowerInvariant()} target; use {Suggestion.List(fit)}.");
        return new TuneDefinition
        {
            Method = map["method"]?.Word(Shapes.TuneMethods) ?? "random",
            Trials = map["trials"]?.Int(1, MaxTrials) ?? 20,
            Seconds = map["seconds"]?.Int(1, LongestSeconds),
            Metric = metric ?? fit[0],
            Folds = map["folds"]?.Int(1, 20) ?? 3,
            Space = map["space"] is { } space ? Space(space, type, known, given) : ImmutableSortedDictionary<string, TuneRangeDefinition>.Empty,
        };
    }

    private static ImmutableSortedDictionary<string, TuneRangeDefinition> Space(NodeReader node, string type, ImmutableArray<LearnerParameter> known, ImmutableSortedDictionary<string, object> given)
    {
        var ranges = ImmutableSortedDictionary.CreateBuilder<string, TuneRangeDefinition>(StringComparer.Ordinal);
        foreach (var (key, name, value) in node.Entries("parameters", Limits.Stages))
        {
            if (TrainerReader.Find(key, name, type, known) is not { } parameter)
                continue;
            if (given.ContainsKey(name))
                key.Fault("conflict", $"'{name}' stands in 'params' and is searched for; keep one of the two.");
            if (Range(value, parameter) is { } range)
                ranges[name] = range;
        }

        if (node.Node is YamlMapping { Entries.IsEmpty: true })
            node.Fault("invalid_value", $"The space is empty; name at least one parameter of {type} ({Suggestion.List([.. known.Select(parameter => parameter.Name)])}), or remove 'tune'.");
        return ranges.ToImmutable();
    }

    private static TuneRangeDefinition? Range(NodeReader node, LearnerParameter parameter)
    {
        if (node.IsSequence)
            return Choices(node, parameter);
        if (!node.IsMap)
        {
            node.WrongType($"a list of choices or a map such as {{log: [0.01, 0.3]}}");
            return null;
        }

        if (node.Map(Shapes.TuneRange) is not { } map || map.OneOf("how the range is searched", "log", "uniform", "int") is not { } kind)
            return null;
        var takes = parameter.Kind switch
        {
            ParameterKind.Number => kind is "log" or "uniform",
            ParameterKind.Integer => kind == "int",
            _ => false,
        };
        if (!takes)
        {
            map.Key(kind).Fault("conflict", $"{parameter.Name} is {parameter.Admitted}: give {parameter.Kind switch
            {
                ParameterKind.Number => "{log: [from, to]} or {uniform: [from, to]}, or a list of choices",
                ParameterKind.Integer => "{int: [from, to]}, or a list of choices",
                _ => "a list of choices",
            }}.");
            return null;
        }

        return Bounds(map[kind]!.Value, kind, parameter) is var (min, max) ? new TuneRangeDefinition(kind, min, max, []) : null;
    }

    private static TuneRangeDefinition? Choices(NodeReader node, LearnerParameter parameter)
    {
        var choices = ImmutableArray.CreateBuilder<object>();
        var items = node.Items("choices", Limits.Stages);
        foreach (var item in items)
        {
            if (LearnerReader.Value(item, parameter) is not { } value)
                continue;
            if (choices.Contains(value))
                item.Fault("invalid_value", $"{item.Said()} is listed twice; keep one.");
            choices.Add(value);
        }

        if (node.Node is YamlSequence { Items.IsEmpty: true })
            node.Fault("invalid_value", $"There is no choice; give {parameter.Name} at least one ({parameter.Admitted}).");
        return choices.Count == 0 ? null : new TuneRangeDefinition("choice", 0, 0, choices.ToImmutable());
    }

    private static (double Min, double Max)? Bounds(NodeReader node, string kind, LearnerParameter parameter)
    {
        var items = node.Items("bounds", Limits.Stages);
        if (!node.IsSequence)
            return null;
        if (items.Length != 2)
        {
            node.Fault("invalid_value", $"There are {items.Length} bounds; give two, the least and the greatest.");
            return null;
        }

        if (Bound(items[0], kind, parameter) is not { } min || Bound(items[1], kind, parameter) is not { } max)
            return null;
        if (min < max)
            return (min, max);
        items[1].Fault("out_of_range", $"{items[1].Said()} is not above {items[0].Said()}; give the least and then the greatest.");
        return null;
    }

    private static double? Bound(NodeReader node, string kind, LearnerParameter parameter)
    {
        if (node.Number() is not { } number)
            return null;
        if (!parameter.Admits(number))
            node.Fault("out_of_range", $"{parameter.Name} {node.Said()} is out of range; it must be {parameter.Admitted}.");
        else if (kind == "log" && number <= 0)
            node.Fault("out_of_range", $"{node.Said()} has no logarithm: start above zero, or take uniform.");
        else
            return number;
        return null;
    }
}
