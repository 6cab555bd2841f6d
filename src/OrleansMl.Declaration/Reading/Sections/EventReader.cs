namespace OrleansMl.Declaration;

/// <summary>Reads <c>events</c>.</summary>
internal static class EventReader
{
    public static EventDefinition? Read(NodeReader node, Scope scope)
    {
        if (node.Map(Shapes.Event) is not { } map)
            return null;
        var entity = map["entity"] is { } reference ? scope.Entities.Resolve(reference) : null;
        var fields = map["fields"] is { } list ? FieldReader.ReadAll(list, "a field", "fields", scope) : FieldSet.Empty;
        var maxAge = map["maxAge"]?.Duration();
        if (map["name"]?.Name("an event") is not { } name)
            return null;
        var definition = new EventDefinition { Name = name, Entity = entity?.Definition.Name ?? "", Fields = fields.Fields, MaxAge = maxAge };
        scope.Events.Add(map["name"]!.Value, name, new EventSymbol(definition, fields));
        return definition;
    }
}
