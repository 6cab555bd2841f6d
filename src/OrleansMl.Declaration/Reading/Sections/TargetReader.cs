using System.Collections.Immutable;
using OrleansMl.Declaration.Yaml;

namespace OrleansMl.Declaration;

/// <summary>Reads a model's <c>target</c>.</summary>
internal static class TargetReader
{
    /// <summary>Notes the targets of all models without a word about faults, which reading the models reports.</summary>
    public static void Mentions(NodeReader? models, Scope scope)
    {
        if (models?.Node is not YamlSequence list)
            return;
        foreach (var model in list.Items.Take(Limits.Things))
        {
            if (Child(Child(model, "target"), "name") is YamlScalar { Text: var name })
                scope.Mentions.Add(new TargetMention(name, (Child(model, "entity") as YamlScalar)?.Text, (Child(Child(model, "target"), "type") as YamlScalar)?.Text == "multiclass"));
        }
    }

    /// <param name="node">The target.</param>
    /// <param name="entity">The model's entity type; null when it has none or its name is at fault.</param>
    /// <param name="candidates">Type of the candidates; null: none.</param>
    /// <param name="scope">What can be referred to.</param>
    public static TargetDefinition? Read(NodeReader node, string? entity, string? candidates, Scope scope)
    {
        if (node.Map(Shapes.Target) is not { } map)
            return null;
        var name = map["name"]?.Name("a target");
        var type = map["type"]?.Word(Shapes.TargetTypes);
        var classes = map["classes"] is { } list ? ClassesReader.Read(list, map, type) : [];
        if (type == TargetType.Multiclass)
            CheckMulticlass(map, candidates);
        var window = map["window"]?.Duration();
        var standIn = map["default"] is { } value ? Label(value, type, classes, allowNone: true) : null;
        var organic = map["organic"]?.Word(Shapes.Organic) ?? false;
        var from = map["from"]?.Map(Shapes.From);
        string? eventName = null, subject = null;
        double? fromValue = null;
        if (from is not null)
        {
            var source = from["event"] is { } reference ? scope.Events.Resolve(reference) : null;
            if (source is not null && entity is not null && source.Definition.Entity.Length > 0 && source.Definition.Entity != entity)
                from["event"]!.Value.Fault("conflict", $"Event '{source.Definition.Name}' happens to entities of type '{source.Definition.Entity}', the model is of '{entity}'; choose an event of '{entity}'.");
            eventName = source?.Definition.Name;
            subject = Subject(from, source, candidates);
            fromValue = from["value"] is { } stands ? Label(stands, type, classes, allowNone: false) : null;
            if (type == TargetType.Multiclass && !from.Has("value"))
                from.Node.Fault("missing_key", "The key 'value' is missing: of several classes, say which one the event stands for.");
        }

        var sources = LabelSourceReader.Read(map);
        var conflict = LabelSourceReader.Conflict(map, type, sources);
        if (name is null || type is null)
            return null;
        return new TargetDefinition
        {
            Name = name,
            Type = type.Value,
            Classes = classes,
            Window = window ?? TimeSpan.Zero,
            Default = standIn,
            OrganicLearn = organic,
            FromEvent = eventName,
            FromSubject = subject,
            FromValue = fromValue ?? 1,
            Sources = sources,
            Conflict = conflict,
            RefuseUnknownSources = map["unknownSources"]?.Word(Shapes.UnknownSources) ?? false,
            VectorAtLabel = map["vector"]?.Word(Shapes.Vectors) ?? false,
        };
    }

    /// <summary>Names of a target's classes, as labels.</summary>
    public static ImmutableArray<string> LabelsOf(TargetDefinition target) =>
        target.Type == TargetType.Regression ? [] : target.Classes.IsEmpty ? ["0", "1"] : target.Classes;

    private static string? Subject(MapReader from, EventSymbol? source, string? candidates)
    {
        if (from["subject"] is not { } node || node.Text("the name of a field") is not { } subject)
            return null;
        if (candidates is null)
        {
            from.Key("subject").Fault("conflict", "'subject' names the candidate that an event is about; the model has no 'candidates': declare them or remove it.");
            return null;
        }

        if (source is null)
            return null;
        var refs = source.Fields.Fields.Where(field => field.Type == FieldType.Ref && field.Entity == candidates).Select(field => field.Name).ToArray();
        if (refs.Contains(subject))
            return subject;
        if (source.Fields.Complete)
            node.Fault("unknown_field", $"Event '{source.Definition.Name}' has no field '{Excerpt.Of(subject)}' of type ref to '{candidates}' (such fields: {Suggestion.List(refs)}).{Suggestion.For(subject, refs)}");
        return null;
    }

    private static void CheckMulticlass(MapReader map, string? candidates)
    {
        if (!map.Has("classes"))
            map.Key("type").Fault("missing_key", "A multiclass target needs the key 'classes': the names of all of them, such as [low, middle, high].");
        if (candidates is not null)
            map.Key("type").Fault("conflict", "A model with 'candidates' orders them by one score, and a multiclass target has a probability for each class; make the target binary (is it the class that counts?), or remove 'candidates'.");
    }

    private static double? Label(NodeReader node, TargetType? type, ImmutableArray<string> classes, bool allowNone)
    {
        var none = allowNone ? "none, " : "";
        if (node.NumberIfAny() is { } number)
        {
            if (type == TargetType.Binary && number is not (0 or 1))
                node.Fault("out_of_range", $"{node.Said()} is no label of a binary target: give {none}0, 1 or the name of a class.");
            if (type != TargetType.Multiclass || classes.IsEmpty)
                return number;
            var place = TargetShape.PlaceOf(classes, number);
            if (place < 0)
                node.Fault("out_of_range", $"{node.Said()} is no class of this target: give {none}one of {Suggestion.List(classes)}.");
            return Math.Max(0, place);
        }

        if (node.Text(type switch
        {
            TargetType.Regression => $"{none}a number",
            TargetType.Multiclass => $"{none}the name of a class",
            _ => $"{none}0, 1 or the name of a class",
        }) is not { } text)
        {
            return null;
        }

        if (allowNone && text == "none")
            return null;
        var index = classes.IndexOf(text);
        if (index >= 0)
            return index;
        if (type is not null && !(type == TargetType.Multiclass && classes.IsEmpty))
        {
            var allowed = type switch
            {
                TargetType.Regression => $"{none}a number",
                TargetType.Multiclass => $"{none}one of {Suggestion.List(classes)}",
                _ => $"{none}0, 1{(classes.IsEmpty ? "" : " or " + Suggestion.List(classes))}",
            };
            node.Fault("invalid_value", $"{node.Said()} is no label of this target: give {allowed}.{Suggestion.For(text, classes)}");
        }

        return null;
    }

    private static YamlNode? Child(YamlNode? node, string key) =>
        (node as YamlMapping)?.Entries.FirstOrDefault(entry => entry.Key.Text == key).Value;
}
