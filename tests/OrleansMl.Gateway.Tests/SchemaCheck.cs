using System.Text.Json;
using System.Text.RegularExpressions;

namespace OrleansMl.Gateway.Tests;

/// <summary>Checks a value against the part of JSON Schema that the OpenAPI document uses.</summary>
internal sealed class SchemaCheck(JsonElement document)
{
    public string? WhyNot(string schema, JsonElement value) => WhyNot(document.GetProperty("components").GetProperty("schemas").GetProperty(schema), value, "");

    private string? WhyNot(JsonElement schema, JsonElement value, string at)
    {
        if (schema.TryGetProperty("$ref", out var reference))
            return WhyNot(document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1]), value, at);
        if (schema.TryGetProperty("anyOf", out var any))
            return any.EnumerateArray().Any(option => WhyNot(option, value, at) is null) ? null : $"{at}: none of anyOf fits {value}";
        if (schema.TryGetProperty("enum", out var allowed) && !allowed.EnumerateArray().Any(option => JsonElement.DeepEquals(option, value)))
            return $"{at}: {value} is not in {allowed}";
        if (schema.TryGetProperty("type", out var type))
        {
            var types = type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(item => item.GetString()!).ToArray() : [type.GetString()!];
            if (!types.Any(name => Is(name, value)))
                return $"{at}: {value} is no {string.Join('|', types)}";
        }

        if (schema.TryGetProperty("pattern", out var pattern) && value.ValueKind == JsonValueKind.String && !Regex.IsMatch(value.GetString()!, pattern.GetString()!))
            return $"{at}: {value} does not match {pattern}";
        if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out var items))
            return value.EnumerateArray().Select((item, i) => WhyNot(items, item, $"{at}/{i}")).FirstOrDefault(why => why is not null);
        if (value.ValueKind != JsonValueKind.Object)
            return null;
        if (schema.TryGetProperty("required", out var required) && required.EnumerateArray().FirstOrDefault(name => !value.TryGetProperty(name.GetString()!, out _)) is { ValueKind: JsonValueKind.String } missing)
            return $"{at}: {missing} is missing";
        foreach (var member in value.EnumerateObject())
        {
            var why = schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(member.Name, out var known) ? WhyNot(known, member.Value, $"{at}/{member.Name}")
                : !schema.TryGetProperty("additionalProperties", out var more) ? null
                : more.ValueKind == JsonValueKind.False ? $"{at}: {member.Name} is not in the schema"
                : WhyNot(more, member.Value, $"{at}/{member.Name}");
            if (why is not null)
                return why;
        }

        return null;
    }

    private static bool Is(string type, JsonElement value) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        "string" => value.ValueKind == JsonValueKind.String,
        "array" => value.ValueKind == JsonValueKind.Array,
        _ => value.ValueKind == JsonValueKind.Object,
    };
}
