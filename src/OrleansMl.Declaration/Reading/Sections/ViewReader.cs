using System.Collections.Immutable;
using OrleansMl.Declaration.Yaml;

namespace OrleansMl.Declaration;

/// <summary>Reads <c>views</c>.</summary>
internal static class ViewReader
{
    /// <summary>The one field of an outcome.</summary>
    public const string OutcomeField = "value";

    private static readonly FieldSet OutcomeFields = new([new FieldDefinition { Name = OutcomeField, Type = FieldType.Float }], true);

    public static ViewDefinition? Read(NodeReader node, Scope scope)
    {
        if (node.Map(Shapes.View) is not { } map)
            return null;
        var entity = map["entity"] is { } reference ? scope.Entities.Resolve(reference)?.Definition.Name : null;
        var (kind, source, fields) = map["source"] is { } from ? Source(from, entity, scope) : default;
        var ttl = map["ttl"]?.Duration();
        var features = ImmutableArray.CreateBuilder<FeatureDefinition>();
        var columns = ImmutableArray.CreateBuilder<VectorColumn>();
        var viewName = map["name"]?.Name("a view");
        var complete = true;
        if (map["features"] is { } list)
        {
            var entries = list.Entries("features", Limits.Columns);
            complete = list.IsMap;
            if (list.IsMap && entries.IsEmpty)
                list.Fault("invalid_value", "A view needs at least one feature.");
            foreach (var (key, name, value) in entries)
            {
                var valid = NameRule.IsName(name);
                if (!valid)
                    key.Fault("invalid_name", $"'{Excerpt.Of(name)}' cannot be the name of a feature: names match {NameRule.Pattern}.");
                var (feature, type) = Feature(value, name, kind, fields);
                if (feature is null || type is null || !valid)
                {
                    complete = false;
                    continue;
                }

                features.Add(feature);
                columns.Add(new VectorColumn($"{viewName}:{name}", type.Value, IsInput: false, MayBeMissing: feature.Default is null));
            }
        }

        if (viewName is null)
            return null;
        var view = new ViewDefinition
        {
            Name = viewName,
            Entity = entity ?? "",
            SourceKind = kind,
            Source = source ?? "",
            Ttl = ttl,
            Features = features.DrainToImmutable(),
        };
        scope.Views.Add(map["name"]!.Value, viewName, new ViewSymbol(view, columns.DrainToImmutable(), complete));
        return view;
    }

    private static (ViewSourceKind Kind, string? Name, FieldSet? Fields) Source(NodeReader node, string? entity, Scope scope)
    {
        if (node.Map(Shapes.Source) is not { } map || map.OneOf("what the view folds", "event", "outcome") is not { } which)
            return default;
        var reference = map[which]!.Value;
        if (which == "event")
        {
            if (scope.Events.Resolve(reference) is not { } source)
                return (ViewSourceKind.Event, null, null);
            if (entity is not null && source.Definition.Entity.Length > 0 && source.Definition.Entity != entity)
                reference.Fault("conflict", $"Event '{source.Definition.Name}' happens to entities of type '{source.Definition.Entity}', the view is of '{entity}'; choose an event of '{entity}'.");
            return (ViewSourceKind.Event, source.Definition.Name, source.Fields);
        }

        if (reference.Text("the name of a target") is not { } target)
            return (ViewSourceKind.Outcome, null, OutcomeFields);
        var named = scope.Mentions.Where(mention => mention.Name == target).ToArray();
        if (named.Length == 0)
        {
            var names = scope.Mentions.Select(mention => mention.Name).Distinct().ToArray();
            reference.Fault("unknown_target", $"No model has a target '{Excerpt.Of(target)}' (targets: {Suggestion.List(names)}).{Suggestion.For(target, names)}");
        }
        else if (entity is not null && named.All(mention => mention.Entity is not null && mention.Entity != entity))
        {
            reference.Fault("conflict", $"Target '{Excerpt.Of(target)}' is of a model of entity '{Excerpt.Of(named[0].Entity!)}', the view is of '{entity}'; choose a target of '{entity}'.");
        }

        else if (named.Any(mention => mention.IsMulticlass))
        {
            reference.Fault("conflict", $"Target '{Excerpt.Of(target)}' is multiclass, and a view folds truths as the number 'value', which says nothing of several classes; fold an event that names the class in a field.");
        }

        return (ViewSourceKind.Outcome, target, OutcomeFields);
    }

    private static (FeatureDefinition? Feature, FieldType? Type) Feature(NodeReader node, string name, ViewSourceKind kind, FieldSet? fields)
    {
        if (node.Map(Shapes.Feature) is not { } map)
            return default;
        var aggregation = map["agg"]?.Word(Shapes.Aggregations);
        var field = Field(map, aggregation, kind, fields, out var fieldName);
        var type = TypeOf(aggregation, field);
        var offset = map["offset"]?.Int(0, Limits.Offset) ?? 0;
        if (map.Has("offset") && aggregation is not (null or Aggregation.Last))
            map.Key("offset").Fault("conflict", "'offset' belongs to agg: last; remove it or change the aggregation.");
        TimeSpan? window = null;
        var tumbling = false;
        if (map["window"] is { } length && length.Map(Shapes.Window) is { } windows && windows.OneOf("how long the window is", "sliding", "tumbling") is { } which)
        {
            tumbling = which == "tumbling";
            window = windows[which]!.Value.Duration();
        }

        var standIn = map["default"] is { } value ? Default(value, type) : null;
        if (aggregation is null)
            return default;
        var feature = new FeatureDefinition
        {
            Name = name,
            Aggregation = aggregation.Value,
            Field = fieldName,
            Offset = offset,
            Window = window,
            Tumbling = tumbling,
            Default = standIn,
        };
        return (feature, type);
    }

    private static FieldDefinition? Field(MapReader map, Aggregation? aggregation, ViewSourceKind kind, FieldSet? fields, out string? name)
    {
        name = null;
        if (aggregation == Aggregation.Count)
        {
            if (map.Has("field"))
                map.Key("field").Fault("conflict", "count counts records and takes no 'field'; remove it, or use distinct to count values.");
            return null;
        }

        if (map["field"] is not { } node)
        {
            if (aggregation is not null)
                map.Node.Fault("missing_key", $"The key 'field' is missing; {Word(aggregation.Value)} needs it{(fields is null ? "" : $" (fields: {Suggestion.List(fields.Names)})")}.");
            return null;
        }

        name = node.Text("the name of a field");
        if (name is null || fields is null)
            return null;
        var field = fields.Find(name);
        if (field is null && fields.Complete)
        {
            var whose = kind == ViewSourceKind.Outcome ? "An outcome has one field, 'value'; it has no" : "The event has no field";
            node.Fault("unknown_field", $"{whose} '{Excerpt.Of(name)}' (fields: {Suggestion.List(fields.Names)}).{Suggestion.For(name, fields.Names)}");
        }

        if (field is not null && aggregation is Aggregation.Sum or Aggregation.Mean or Aggregation.Min or Aggregation.Max
            && field!.Type is FieldType.String or FieldType.Ref)
        {
            node.Fault("conflict", $"{Word(aggregation.Value)} needs numbers; field '{field.Name}' is a {WordOf(field.Type)}: use last, distinct or count.");
        }

        return field;
    }

    private static FieldType? TypeOf(Aggregation? aggregation, FieldDefinition? field) => aggregation switch
    {
        null => null,
        Aggregation.Last => field?.Type,
        Aggregation.Count or Aggregation.Distinct => FieldType.Int,
        _ => FieldType.Float,
    };

    private static object? Default(NodeReader node, FieldType? type)
    {
        switch (type)
        {
            case FieldType.Float:
                return node.Number();
            case FieldType.Int:
                return node.Int(int.MinValue, int.MaxValue) is { } whole ? (double)whole : null;
            case FieldType.Bool:
                return node.Bool();
            case FieldType.String or FieldType.Ref:
                return node.Line("the default of a text", Limits.Text);
            default:
                return null;
        }
    }

    private static string Word(Aggregation aggregation) => aggregation.ToString().ToLowerInvariant();

    private static string WordOf(FieldType type) => type.ToString().ToLowerInvariant();
}
