namespace OrleansMl.Declaration;

/// <summary>Reads <c>entities</c>.</summary>
internal static class EntityReader
{
    public static EntityDefinition? Read(NodeReader node, Scope scope)
    {
        if (node.Map(Shapes.Entity) is not { } map)
            return null;
        var attributes = map["attributes"] is { } fields ? FieldReader.ReadAll(fields, "an attribute", "attributes", scope, "id") : FieldSet.Empty;
        if (map["name"]?.Name("an entity") is not { } name)
            return null;
        var entity = new EntityDefinition { Name = name, Attributes = attributes.Fields };
        scope.Entities.Add(map["name"]!.Value, name, new EntitySymbol(entity, attributes));
        return entity;
    }
}
