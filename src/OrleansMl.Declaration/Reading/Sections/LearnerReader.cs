using System.Collections.Immutable;
using OrleansMl.Declaration.Yaml;

namespace OrleansMl.Declaration;

/// <summary>Reads a model's <c>learner</c>.</summary>
internal static class LearnerReader
{
    public static LearnerDefinition? Read(NodeReader node, MapReader model, TargetDefinition? target, VectorReader vector)
    {
        if (!model.Has("target"))
            model.Key("learner").Fault("missing_key", "A model with a 'learner' needs the key 'target': what is to be learned.");
        if (vector.Complete)
            CheckVector(model, vector);
        if (node.Map(Shapes.Learner) is not { } map)
            return null;
        var type = map["type"] is { } name ? Type(name, target) : null;
        var parameters = map["params"] is { } list ? Parameters(list, type) : ImmutableSortedDictionary<string, object>.Empty;
        var seed = map["seed"]?.Int(0, int.MaxValue) ?? 1;
        var live = map["serve"]?.Word(Shapes.Serve);
        if (live == true)
            map["serve"]!.Value.Warning(NotYetServed.Code, NotYetServed.Live);
        var snapshotEvery = map["snapshotEvery"]?.Int(0, 1_000_000_000) ?? 0;
        if (map.Has("snapshotEvery") && live != true && !(map.Has("serve") && live is null))
            map.Key("snapshotEvery").Fault("conflict", "'snapshotEvery' belongs to serve: live; remove it, or serve live.");
        var bootstrap = map["bootstrap"]?.Map(Shapes.Bootstrap);
        return new LearnerDefinition
        {
            Type = type?.Name ?? "",
            Params = parameters,
            Seed = seed,
            Live = live ?? false,
            SnapshotEvery = snapshotEvery,
            BootstrapOutcomes = bootstrap?["outcomes"]?.Int(10, 1_000_000) ?? 500,
            BootstrapEpochs = bootstrap?["epochs"]?.Int(1, 1000) ?? 1,
        };
    }

    private static void CheckVector(MapReader model, VectorReader vector)
    {
        if (vector.Columns.Count == 0)
        {
            model.Key("learner").Fault("no_columns", "The learner sees nothing: give the model 'inputs' or 'features'.");
            return;
        }

        if (vector.Standing.FirstOrDefault(column => column.IsCategorical) is { } text)
        {
            var more = vector.Standing.Count(column => column.IsCategorical) - 1;
            model.Key("learner").Fault("not_encoded", $"The column '{text.Name}'{(more > 0 ? $" and {more} more hold" : " holds")} texts, and a learner takes numbers: encode by one_hot or hash in the pipeline, or leave the column out.");
        }

        var missing = vector.Standing.Where(column => column is { IsCategorical: false, IsIndicator: false, MayBeMissing: true }).Select(column => column.Name).ToArray();
        if (missing.Length > 0)
            model.Key("learner").Warning("may_be_missing", $"These columns may be without a value and nothing stands in for it: {Suggestion.List(missing)}. Add impute to the pipeline, a default to the feature, or required: true to the input.");
    }

    private static LearnerType? Type(NodeReader node, TargetDefinition? target)
    {
        if (node.Text($"one of {Suggestion.List(LearnerType.Names)}") is not { } name)
            return null;
        var type = LearnerType.All.FirstOrDefault(type => type.Name == name);
        if (type is null)
        {
            node.Fault("unknown_learner", $"There is no learner '{Excerpt.Of(name)}' (available: {Suggestion.List(LearnerType.Names)}).{Suggestion.For(name, LearnerType.Names)}");
            return null;
        }

        if (target is not null && type.Target != target.Type)
        {
            var fit = LearnerType.All.Where(other => other.Target == target.Type).Select(other => other.Name).ToArray();
            node.Fault("conflict", $"{name} learns {type.Target.ToString().ToLowerInvariant()} targets, and '{target.Name}' is {target.Type.ToString().ToLowerInvariant()}; use {Suggestion.List(fit)}.");
        }

        return type;
    }

    private static ImmutableSortedDictionary<string, object> Parameters(NodeReader node, LearnerType? type)
    {
        var values = ImmutableSortedDictionary.CreateBuilder<string, object>(StringComparer.Ordinal);
        foreach (var (key, name, value) in node.Entries("parameters", Limits.Columns))
        {
            if (type is null)
                continue;
            var known = type.Parameters.Select(parameter => parameter.Name).ToArray();
            if (type.Parameters.FirstOrDefault(parameter => parameter.Name == name) is not { } parameter)
            {
                key.Fault("unknown_key", $"{type.Name} has no parameter '{Excerpt.Of(name)}' (available: {Suggestion.List(known)}).{Suggestion.For(name, known)}");
                continue;
            }

            if (parameter.Min is null)
            {
                if (value.Bool() is { } flag)
                    values[name] = flag;
            }
            else if (value.Number() is { } number)
            {
                if (!parameter.Admits(number))
                    value.Fault("out_of_range", $"{name} {value.Said()} is out of range; it must be in {parameter.Range}.");
                values[name] = number;
            }
        }

        return values.ToImmutable();
    }
}
