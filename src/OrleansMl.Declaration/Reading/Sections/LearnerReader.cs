using System.Collections.Immutable;
using OrleansMl.Declaration.Yaml;
using OrleansMl.Learning;

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
        var parameters = map["params"] is { } list ? Parameters(list, type, Classes(target, type)) : ImmutableSortedDictionary<string, object>.Empty;
        if (type is not null)
            CheckMembers(map, type, parameters, target, vector);
        var seed = map["seed"]?.Int(0, int.MaxValue) ?? 1;
        var live = map["serve"]?.Word(Shapes.Serve);
        var snapshotEvery = map["snapshotEvery"]?.Int(0, 1_000_000_000) ?? 0;
        if (map.Has("snapshotEvery") && live != true && !(map.Has("serve") && live is null))
            map.Key("snapshotEvery").Fault("conflict", "'snapshotEvery' belongs to serve: live; remove it, or serve live.");
        var (network, version) = HeadBaseReader.Read(map, type, live ?? false);
        var bootstrap = map["bootstrap"]?.Map(Shapes.Bootstrap);
        return new LearnerDefinition
        {
            Type = type?.Name ?? "",
            Params = parameters,
            Of = network,
            OfVersion = version,
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
            model.Key("learner").Fault("not_encoded", $"The column '{text.Name}'{(more > 0 ? $" and {more} more hold" : " holds")} texts, and a learner takes numbers: encode by one_hot, ordinal or hash in the pipeline, or leave the column out.");
        }

        var missing = vector.Standing.Where(column => column is { IsCategorical: false, IsIndicator: false, MayBeMissing: true }).Select(column => column.Name).ToArray();
        if (missing.Length > 0)
            model.Key("learner").Warning("may_be_missing", $"These columns may be without a value and nothing stands in for it: {Suggestion.List(missing)}. Add impute to the pipeline, a default to the feature, or required: true to the input.");
    }

    private static LearnerKind? Type(NodeReader node, TargetDefinition? target)
    {
        if (node.Text($"one of {Suggestion.List(LearnerFactory.Types)}") is not { } name)
            return null;
        if (LearnerFactory.Find(name) is not { } kind)
        {
            node.Fault("unknown_learner", $"There is no learner '{Excerpt.Of(name)}' (available: {Suggestion.List(LearnerFactory.Types)}).{Suggestion.For(name, LearnerFactory.Types)}");
            return null;
        }

        if (target is not null && !kind.Learns(target.ClassCount()))
            node.Fault("conflict", DoesNotLearn(kind, target));
        return kind;
    }

    /// <summary>What the parts of a learner ask of each other and of the columns.</summary>
    private static void CheckMembers(MapReader map, LearnerKind kind, ImmutableSortedDictionary<string, object> parameters, TargetDefinition? target, VectorReader vector)
    {
        var member = parameters.GetValueOrDefault("base") is string name ? LearnerFactory.Find(name)! : kind;
        if (member != kind && target is not null && !member.Learns(target.ClassCount()))
            map["params"]!.Value.Fault("conflict", DoesNotLearn(member, target));
        if (member.Name == "matrix_factorization" && vector is { Complete: true, Standing.Length: > 0 })
            map["type"]!.Value.Fault("conflict", $"{member.Name} takes two hashed columns, the user and then the item, and nothing else: hash both, and leave out {Suggestion.List([.. vector.Standing.Select(column => column.Name)])}; or take factorization_machine.");
    }

    private static string DoesNotLearn(LearnerKind kind, TargetDefinition target)
    {
        var fit = LearnerFactory.Kinds.Where(other => other.Learns(target.ClassCount())).Select(other => other.Name);
        return $"{kind.Name} does not learn {target.Type.ToString().ToLowerInvariant()} targets, and '{target.Name}' is one; use {Suggestion.List([.. fit])}.";
    }

    private static int Classes(TargetDefinition? target, LearnerKind? kind) => target is not null ? target.ClassCount() : kind?.Learns(2) == false ? 0 : 2;

    private static ImmutableSortedDictionary<string, object> Parameters(NodeReader node, LearnerKind? kind, int classes)
    {
        var values = ImmutableSortedDictionary.CreateBuilder<string, object>(StringComparer.Ordinal);
        var entries = node.Entries("parameters", Limits.Columns);
        if (kind is null)
            return values.ToImmutable();

        // Those of bagging depend on the type of its members.
        var named = entries.Where(entry => entry is { Name: "base", Value.Node: YamlScalar }).ToDictionary(entry => entry.Name, entry => (object)((YamlScalar)entry.Value.Node).Text);
        var known = kind.Parameters(classes, named);
        foreach (var (key, name, value) in entries)
        {
            if (known.FirstOrDefault(parameter => parameter.Name == name) is not { } parameter)
            {
                var names = known.Select(other => other.Name).ToArray();
                key.Fault("unknown_key", $"{kind.Name} has no parameter '{Excerpt.Of(name)}' (available: {Suggestion.List(names)}).{Suggestion.For(name, names)}");
                continue;
            }

            if (Value(value, parameter) is { } read)
                values[name] = read;
        }

        return values.ToImmutable();
    }

    /// <summary>A parameter's value as the learner takes it; null after a fault.</summary>
    internal static object? Value(NodeReader value, LearnerParameter parameter)
    {
        switch (parameter.Kind)
        {
            case ParameterKind.Flag:
                return value.Bool();
            case ParameterKind.Word:
                return value.Word(Words.Same([.. parameter.Words]));
            default:
                if (value.Number() is not { } number)
                    return null;
                if (!parameter.Admits(number))
                    value.Fault("out_of_range", $"{parameter.Name} {value.Said()} is out of range; it must be {parameter.Admitted}.");
                return number;
        }
    }
}
