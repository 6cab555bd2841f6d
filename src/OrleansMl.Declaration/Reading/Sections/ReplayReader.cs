using System.Collections.Immutable;
using System.Globalization;
using OrleansMl.Declaration.Yaml;

namespace OrleansMl.Declaration;

/// <summary>Reads <c>replay</c>.</summary>
internal static class ReplayReader
{
    private static readonly string[] TimeFormats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    public static ReplayDefinition? Read(NodeReader node, Scope scope)
    {
        if (node.Map(Shapes.Replay) is not { } map)
            return null;
        var entity = map["entity"]?.Map(Shapes.ReplayEntity);
        var type = entity?["type"] is { } reference ? scope.Entities.Resolve(reference)?.Definition.Name : null;
        var which = entity?.OneOf("which entity a row is about", "id", "column");
        var id = which == "id" ? Id(entity!["id"]!.Value) : null;
        var column = which == "column" ? Column(entity!["column"]!.Value) : null;

        var time = map["time"]?.Map(Shapes.ReplayTime);
        DateTime? start = null;
        TimeSpan? step = null;
        string? timeColumn = null;
        if (time?.OneOf("when a row happens", "start", "column") is { } when)
        {
            if (when == "column")
            {
                timeColumn = Column(time["column"]!.Value);
                if (time.Has("step"))
                    time.Key("step").Fault("conflict", "'step' belongs to 'start'; remove it, the column says the time.");
            }
            else
            {
                start = Time(time["start"]!.Value);
                step = time["step"]?.Duration();
                if (!time.Has("step"))
                    time.Node.Fault("missing_key", "'start' needs 'step': the time between two rows.");
            }
        }
        else if (time?["step"] is { } alone)
        {
            alone.Duration();
        }

        var happening = map["event"] is { } eventNode ? scope.Events.Resolve(eventNode) : null;
        if (happening is not null && type is not null && happening.Definition.Entity.Length > 0 && happening.Definition.Entity != type)
            map["event"]!.Value.Fault("conflict", $"Event '{happening.Definition.Name}' happens to entities of type '{happening.Definition.Entity}', the replay is of '{type}'; choose an event of '{type}'.");

        var outcome = map["outcome"]?.Map(Shapes.ReplayOutcome);
        var target = outcome?["target"] is { } truth ? Target(truth, type, scope) : null;
        var inputs = map["inputs"] is { } list ? Inputs(list, target) : [];
        CheckInputs(map, target?.Model, inputs);
        return new ReplayDefinition
        {
            EntityType = type ?? "",
            EntityId = id,
            EntityColumn = column,
            Start = start,
            Step = step,
            TimeColumn = timeColumn,
            Event = happening?.Definition.Name ?? "",
            Inputs = inputs,
            OutcomeTarget = target?.Target.Name ?? "",
            OutcomeColumn = outcome?["column"] is { } label ? Column(label) ?? "" : "",
        };
    }

    private static TargetSymbol? Target(NodeReader node, string? entity, Scope scope)
    {
        if (node.Text("the name of a target") is not { } name)
            return null;
        var named = scope.Targets.Where(target => target.Target.Name == name && (entity is null || target.Entity is null || target.Entity == entity)).ToArray();
        if (named.Length == 1)
            return named[0];
        var names = scope.Targets.Where(target => entity is null || target.Entity == entity).Select(target => target.Target.Name).Distinct().ToArray();
        if (named.Length > 1)
            node.Fault("conflict", $"The target '{name}' is of the models {Suggestion.List([.. named.Select(target => target.Model.Name)])}; a replay drives one: give their targets different names.");
        else if (scope.Models.Complete && !scope.Mentions.Any(mention => mention.Name == name && (entity is null || mention.Entity == entity)))
            node.Fault("unknown_target", $"No model{(entity is null ? "" : $" of entity '{entity}'")} has a target '{Excerpt.Of(name)}' (targets: {Suggestion.List(names)}).{Suggestion.For(name, names)}");
        return null;
    }

    private static ImmutableArray<string> Inputs(NodeReader list, TargetSymbol? target)
    {
        var inputs = ImmutableArray.CreateBuilder<string>();
        foreach (var item in list.Items("inputs", Limits.Columns))
        {
            if (item.Text("the name of an input") is not { } name)
                continue;
            var known = target is null ? [] : target.Model.Inputs.Select(input => input.Name).ToArray();
            if (inputs.Contains(name))
                item.Fault("duplicate_name", $"The input '{Excerpt.Of(name)}' is listed twice; keep one.");
            else if (target is { InputsComplete: true } && !known.Contains(name))
                item.Fault("unknown_input", $"Model '{target.Model.Name}' has no input '{Excerpt.Of(name)}' (inputs: {Suggestion.List(known)}).{Suggestion.For(name, known)}");
            inputs.Add(name);
        }

        return inputs.DrainToImmutable();
    }

    private static void CheckInputs(MapReader map, ModelDefinition? model, ImmutableArray<string> inputs)
    {
        if (model is null)
            return;
        var node = map["inputs"] ?? map.Node;
        foreach (var input in model.Inputs.Where(input => !inputs.Contains(input.Name)))
        {
            if (input.Required)
                node.Fault("missing_input", $"Model '{model.Name}' requires the input '{input.Name}', which the replay does not give; add it to 'inputs'.");
            else
                node.Warning("missing_input", $"The replay does not give the input '{input.Name}' of model '{model.Name}'; it is missing in every prediction.");
        }
    }

    private static string? Column(NodeReader node) => node.Line("the name of a column of the file", Limits.Text);

    private static string? Id(NodeReader node)
    {
        if (node.Text("the id of an entity") is not { } id)
            return null;
        var bytes = System.Text.Encoding.UTF8.GetByteCount(id);
        if (bytes is > 0 and <= 256 && !string.IsNullOrWhiteSpace(id) && !id.Any(char.IsControl))
            return id;
        node.Fault("invalid_value", $"{node.Said()} cannot be the id of an entity: give 1 to 256 bytes of UTF-8, not only white space, without control characters.");
        return null;
    }

    internal static DateTime? Time(NodeReader node)
    {
        if (node.Text("a time such as \"2011-01-01T00:00:00Z\"") is not { } text)
            return null;
        var zoned = text.Length > 19 && (text[^1] == 'Z' || text[^6] is '+' or '-');
        if (zoned && DateTimeOffset.TryParseExact(text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
            return time.UtcDateTime;
        node.Fault("invalid_value", $"{node.Said()} is no time of RFC 3339: write date, T, time and Z or an offset, as in \"2011-01-01T00:00:00Z\".");
        return null;
    }
}
