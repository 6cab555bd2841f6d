using System.Collections.Immutable;
using OrleansMl.Declaration.Yaml;

namespace OrleansMl.Declaration;

/// <summary>Reads fields of events, attributes of entities and inputs of models.</summary>
internal static class FieldReader
{
    public static FieldSet ReadAll(NodeReader node, string what, string whats, Scope scope, params string[] reserved)
    {
        var complete = node.IsMap;
        var fields = ImmutableArray.CreateBuilder<FieldDefinition>();
        foreach (var (key, name, value) in node.Entries(whats, Limits.Columns))
        {
            var valid = NameRule.IsName(name);
            if (!valid)
                key.Fault("invalid_name", $"'{Excerpt.Of(name)}' cannot be the name of {what}: names match {NameRule.Pattern}.");
            else if (reserved.Contains(name))
                key.Fault("invalid_name", $"'{name}' cannot be the name of {what}: the word has a meaning of its own where columns are named; rename it.");
            if (Read(value, name, scope) is { } field && valid)
                fields.Add(field);
            else
                complete = false;
        }

        return new FieldSet(fields.DrainToImmutable(), complete);
    }

    private static FieldDefinition? Read(NodeReader node, string name, Scope scope)
    {
        if (node.Map(Shapes.Field) is not { } map)
            return null;
        var type = map["type"]?.Word(Shapes.FieldTypes);
        string? entity = null;
        if (map["entity"] is { } reference)
        {
            // An attribute may refer to a type declared later; the whole section is checked once it is read.
            entity = reference.Name("an entity");
            if (type is not null and not FieldType.Ref)
                map.Key("entity").Fault("conflict", "'entity' belongs to type: ref; remove it or change the type.");
            else if (entity is not null && !scope.Entities.Reading)
                scope.Entities.Resolve(reference);
            else if (entity is not null)
                scope.Entities.Later(reference);
        }
        else if (type == FieldType.Ref)
        {
            node.Fault("missing_key", "A ref needs the key 'entity': the type of the entity that it names.");
        }

        var (min, max) = map["range"] is { } range ? Range(range, map, type) : default;
        var required = map["required"]?.Bool() ?? false;
        return type is null ? null : new FieldDefinition { Name = name, Type = type.Value, Entity = entity, Min = min, Max = max, Required = required };
    }

    private static (double? Min, double? Max) Range(NodeReader range, MapReader map, FieldType? type)
    {
        if (type is not (null or FieldType.Float or FieldType.Int))
            map.Key("range").Fault("conflict", "'range' belongs to type: float and type: int; remove it or change the type.");
        var items = range.IsSequence ? range.Items("bounds", 2) : [];
        if (items.Length != 2)
        {
            if (!range.IsSequence)
                range.WrongType("a range: write [least, greatest], null for an open end");
            else
                range.Fault("invalid_value", "A range has two bounds: write [least, greatest], null for an open end.");
            return default;
        }

        double? min = items[0].IsNull ? null : items[0].Number();
        double? max = items[1].IsNull ? null : items[1].Number();
        if (min > max)
            range.Fault("out_of_range", $"The range is empty: {items[0].Said()} is above {items[1].Said()}; swap them.");
        return (min, max);
    }
}
