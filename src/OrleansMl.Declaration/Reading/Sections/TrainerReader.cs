using System.Collections.Immutable;
using OrleansMl.Declaration.Yaml;
using OrleansMl.Learning;

namespace OrleansMl.Declaration;

/// <summary>Reads a model's <c>trainer</c>.</summary>
internal static class TrainerReader
{
    private const int MaxThreads = 256;
    private const int MaxArguments = 64;
    private const int MaxArgument = 4096;

    private static readonly string[] s_ofCommands = ["command", "timeout", "memory"];
    private static readonly string[] s_types = [.. TrainerFactory.Types, TrainerDefinition.CommandType];

    public static TrainerDefinition? Read(NodeReader node, MapReader model, TargetDefinition? target, VectorReader vector)
    {
        if (!model.Has("target"))
            model.Key("trainer").Fault("missing_key", "A model with a 'trainer' needs the key 'target': what is to be learned.");
        if (node.Map(Shapes.Trainer) is not { } map || (map["type"] is { } name ? Type(name, target) : null) is not { } type)
            return null;
        var isSeen = vector.Complete && CheckVector(model, type.Kind, vector);
        var isCommand = type.Kind is null;
        Belongings(map, isCommand);
        var known = type.Kind?.Parameters(Classes(target, type.Kind));
        var parameters = map["params"] is { } list ? Parameters(list, type.Name, known) : ImmutableSortedDictionary<string, object>.Empty;

        // What was applied before there was this check fails when it is run, as it did.
        if (isSeen && vector.Encoded.WhyNot(type.Name, parameters) is { } unfit)
            map["type"]!.Value.Refuse("conflict", unfit);
        return new TrainerDefinition
        {
            Type = type.Name,
            Params = parameters,
            Seed = map["seed"]?.Int(0, int.MaxValue) ?? 1,
            Threads = map["threads"]?.Int(1, MaxThreads) ?? 1,
            Tune = map["tune"] is { } tune && type.Kind is not null ? TuneReader.Read(tune, type.Name, known!.Value, parameters, target) : null,
            Command = map["command"] is { } command && isCommand ? Command(command) : [],
            Timeout = map["timeout"]?.Duration(),
            MemoryBytes = map["memory"] is { } memory ? Bytes(memory) : null,
        };
    }

    internal static int Classes(TargetDefinition? target, TrainerKind? kind) =>
        target is not null ? target.ClassCount() : kind?.Learns(2) == false ? 0 : 2;

    /// <summary>The type's name, and its kind unless it is a command; null after a fault.</summary>
    private static (string Name, TrainerKind? Kind)? Type(NodeReader node, TargetDefinition? target)
    {
        if (node.Text($"one of {Suggestion.List(s_types)}") is not { } name)
            return null;
        if (name == TrainerDefinition.CommandType)
            return (name, null);
        if (TrainerFactory.Find(name) is not { } kind)
        {
            node.Fault("unknown_trainer", $"There is no trainer '{Excerpt.Of(name)}' (available: {string.Join(", ", s_types)}).{Suggestion.For(name, s_types)}");
            return null;
        }

        if (target is not null && !kind.Learns(Classes(target, kind)))
        {
            var fit = TrainerFactory.Kinds.Where(other => other.Learns(Classes(target, kind))).Select(other => other.Name);
            node.Fault("conflict", $"{name} does not learn {target.Type.ToString().ToLowerInvariant()} targets, and '{target.Name}' is one; use {Suggestion.List([.. fit])}.");
        }

        return (name, kind);
    }

    /// <summary>What every trainer asks of the columns; a learner beside it has said the same already. False: nothing more is to be said of them.</summary>
    private static bool CheckVector(MapReader model, TrainerKind? kind, VectorReader vector)
    {
        var isFit = vector.Columns.Count > 0 && vector.Encoded.Texts.IsEmpty;
        if (model.Has("learner"))
            return isFit;
        if (vector.Columns.Count == 0)
        {
            model.Key("trainer").Fault("no_columns", "The trainer sees nothing: give the model 'inputs' or 'features'.");
            return isFit;
        }

        if (vector.Standing.FirstOrDefault(column => column.IsCategorical) is { } text)
        {
            var more = vector.Standing.Count(column => column.IsCategorical) - 1;
            model.Key("trainer").Fault("not_encoded", $"The column '{text.Name}'{(more > 0 ? $" and {more} more hold" : " holds")} texts, and a trainer takes numbers: encode in the pipeline, by one_hot or hash, or leave the column out.");
        }

        if (kind is null or { TakesMissing: true })
            return isFit;
        var missing = vector.Standing.Where(column => column is { IsCategorical: false, IsIndicator: false, MayBeMissing: true }).Select(column => column.Name).ToArray();
        if (missing.Length > 0)
            model.Key("trainer").Warning("may_be_missing", $"These columns may be without a value and nothing stands in for it: {Suggestion.List(missing)}. Add impute to the pipeline, a default to the feature, or required: true to the input.");
        return isFit;
    }

    private static void Belongings(MapReader map, bool isCommand)
    {
        foreach (var key in s_ofCommands.Where(key => !isCommand && map.Has(key)))
            map.Key(key).Fault("conflict", $"'{key}' belongs to type: command, a program of your own; remove it.");
        if (!isCommand)
            return;
        if (!map.Has("command"))
            map.Node.Fault("missing_key", "The key 'command' is missing; a trainer of type command needs it: the program and its arguments, such as [python3, train.py].");
        if (map.Has("tune"))
            map.Key("tune").Fault("conflict", "'tune' searches parameters of the trainers that are built in; let the command search its own, or take one of those.");
    }

    private static ImmutableSortedDictionary<string, object> Parameters(NodeReader node, string type, ImmutableArray<LearnerParameter>? known)
    {
        var values = ImmutableSortedDictionary.CreateBuilder<string, object>(StringComparer.Ordinal);
        foreach (var (key, name, value) in node.Entries("parameters", Limits.Columns))
        {
            // What a command takes is its own affair.
            if (known is null)
            {
                if ((value.NumberIfAny() ?? (object?)value.BoolIfAny() ?? value.Line("a parameter", Limits.Text)) is { } given)
                    values[name] = given;
            }
            else if (Find(key, name, type, known.Value) is { } parameter && LearnerReader.Value(value, parameter) is { } read)
                values[name] = read;
        }

        return values.ToImmutable();
    }

    /// <summary>The parameter of a name; null after a fault.</summary>
    internal static LearnerParameter? Find(NodeReader key, string name, string type, ImmutableArray<LearnerParameter> known)
    {
        if (known.FirstOrDefault(parameter => parameter.Name == name) is { } parameter)
            return parameter;
        var names = known.Select(other => other.Name).ToArray();
        key.Fault("unknown_key", $"{type} has no parameter '{Excerpt.Of(name)}' (available: {Suggestion.List(names)}).{Suggestion.For(name, names)}");
        return null;
    }

    private static ImmutableArray<string> Command(NodeReader list)
    {
        var parts = ImmutableArray.CreateBuilder<string>();
        foreach (var item in list.Items("command", MaxArguments))
        {
            if (item.Line("a part of a command", MaxArgument) is { } part)
                parts.Add(part);
        }

        if (list.Node is YamlSequence { Items.IsEmpty: true })
            list.Fault("invalid_value", "The command is empty; give the program and its arguments, such as [python3, train.py].");
        return parts.DrainToImmutable();
    }

    /// <summary>An amount of memory: 512MiB, 2GiB.</summary>
    private static long? Bytes(NodeReader node)
    {
        if (node.Text("an amount of memory such as 512MiB or 2GiB") is not { } text)
            return null;
        if (ByteSize.TryParse(text, out var bytes))
            return bytes;
        node.Fault("invalid_value", $"{node.Said()} is no amount of memory: write a whole number above zero and MiB or GiB (512MiB, 2GiB), at most {ByteSize.Text(ByteSize.Largest)}.");
        return null;
    }
}
