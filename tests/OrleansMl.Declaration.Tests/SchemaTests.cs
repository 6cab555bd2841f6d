using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using OrleansMl.Learning;

namespace OrleansMl.Declaration.Tests;

/// <summary>The schema for editors and the reader know the same keys and words.</summary>
public class SchemaTests
{
    private static readonly JsonObject Schema = JsonNode.Parse(ApplicationSchema.Json)!.AsObject();

    private static JsonObject Definitions => Schema["$defs"]!.AsObject();

    [Fact]
    public void Every_map_has_the_same_keys_in_the_schema_and_in_the_reader()
    {
        foreach (var shape in Shapes.All)
        {
            var definition = Definitions[shape.Name]?.AsObject();
            Assert.True(definition is not null, $"The schema lacks $defs/{shape.Name}.");
            Assert.Equal(shape.Names.Order(StringComparer.Ordinal), definition!["properties"]!.AsObject().Select(p => p.Key).Order(StringComparer.Ordinal));
            Assert.Equal(
                shape.Keys.Where(key => key.Required).Select(key => key.Name).Order(StringComparer.Ordinal),
                (definition["required"]?.AsArray() ?? []).Select(name => name!.GetValue<string>()).Order(StringComparer.Ordinal));
            Assert.False(definition["additionalProperties"]!.GetValue<bool>());
        }
    }

    [Fact]
    public void Every_definition_with_keys_is_a_map_of_the_reader_or_the_learners_parameters()
    {
        var known = Shapes.All.Select(shape => shape.Name).Append("learnerParams").Append("columns").Order(StringComparer.Ordinal);
        Assert.Equal(known, Definitions.Select(definition => definition.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Words_are_the_same_in_the_schema_and_in_the_reader()
    {
        foreach (var (shape, key) in Shapes.All.SelectMany(shape => shape.Keys.Where(key => key.Words is not null).Select(key => (shape, key))))
        {
            var words = Definitions[shape.Name]!["properties"]![key.Name]!["enum"]!.AsArray().Select(word => word!.GetValue<string>());
            Assert.Equal(key.Words!.All.Order(StringComparer.Ordinal), words.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Learners_and_their_parameters_are_the_same()
    {
        Assert.Equal(LearnerFactory.Types, Definitions["learner"]!["properties"]!["type"]!["enum"]!.AsArray().Select(word => word!.GetValue<string>()));
        var parameters = LearnerParameters.All.GroupBy(parameter => parameter.Name).ToArray();
        var properties = Definitions["learnerParams"]!["properties"]!.AsObject();
        Assert.Equal(parameters.Select(group => group.Key).Order(StringComparer.Ordinal), properties.Select(p => p.Key).Order(StringComparer.Ordinal));
        foreach (var group in parameters)
        {
            var property = properties[group.Key]!.AsObject();
            Assert.Equal(
                group.First().Kind switch
                {
                    ParameterKind.Flag => "boolean",
                    ParameterKind.Word => "string",
                    ParameterKind.Integer => "integer",
                    _ => "number",
                },
                property["type"]!.GetValue<string>());
            if (group.First().Kind == ParameterKind.Word)
                Assert.Equal(group.SelectMany(parameter => parameter.Words).Distinct().Order(StringComparer.Ordinal), property["enum"]!.AsArray().Select(word => word!.GetValue<string>()).Order(StringComparer.Ordinal));
            if (group.First().Kind is not (ParameterKind.Number or ParameterKind.Integer))
                continue;

            // One name may stand for several types: the schema admits what any of them does.
            var (min, max) = (group.Min(parameter => parameter.Min), group.Max(parameter => parameter.Max));
            Assert.Equal(min, property[group.Where(parameter => parameter.Min == min).All(parameter => parameter.OpenMin) ? "exclusiveMinimum" : "minimum"]!.GetValue<double>());
            Assert.Equal(max, property[group.Where(parameter => parameter.Max == max).All(parameter => parameter.OpenMax) ? "exclusiveMaximum" : "maximum"]!.GetValue<double>());
        }
    }

    [Fact]
    public void Trainers_are_the_same() =>
        Assert.Equal([.. TrainerFactory.Types, TrainerDefinition.CommandType], Definitions["trainer"]!["properties"]!["type"]!["enum"]!.AsArray().Select(word => word!.GetValue<string>()));

    [Fact]
    public void Detectors_of_monitors_are_the_same() =>
        Assert.Equal(DriftDetectors.Types, Definitions["monitorDetector"]!["properties"]!["type"]!["enum"]!.AsArray().Select(word => word!.GetValue<string>()));

    [Fact]
    public void Names_follow_one_pattern()
    {
        Assert.Equal($"^{NameRule.Pattern}$", Definitions["application"]!["properties"]!["name"]!["pattern"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("electricity")]
    [InlineData("bike-sharing")]
    [InlineData("shop")]
    public void Samples_fit_the_schema_and_point_to_it(string sample)
    {
        var text = Samples.Text(sample);
        Assert.Equal("# yaml-language-server: $schema=../../docs/application.schema.json", text.Split('\n')[0]);
        Assert.Empty(Faults(Schema, YamlAsJson.Convert(text), "$"));
    }

    [Theory]
    [InlineData("clock: event\n", "clock: never\n")]
    [InlineData("ttl: 2h", "ttl: soon")]
    [InlineData("offset: 1", "offset: -1")]
    [InlineData("{agg: last, field: transfer}", "{agg: last, feld: transfer}")]
    [InlineData("source: {event: tick}", "source: {}")]
    [InlineData("window: 2h, default: none", "default: none")]
    [InlineData("adaptive: true", "adaptive: 1")]
    [InlineData("standard_scale: {columns: numeric}", "kmeans: {columns: numeric, k: 1}")]
    [InlineData("standard_scale: {columns: numeric}", "pca: {columns: numeric, components: 2, variance: 0.5}")]
    public void The_schema_refuses_what_the_reader_refuses(string old, string replacement)
    {
        var text = Samples.Electricity.With(old, replacement);
        Assert.NotEmpty(ApplicationReader.Read(text).Faults);
        Assert.NotEmpty(Faults(Schema, YamlAsJson.Convert(text), "$"));
    }

    /// <summary>The part of JSON Schema that the schema uses; an unknown keyword fails the test rather than passing it.</summary>
    private static IEnumerable<string> Faults(JsonObject schema, JsonNode? value, string at)
    {
        foreach (var (keyword, rule) in schema)
        {
            var faults = keyword switch
            {
                "$schema" or "$id" or "$defs" or "title" or "description" or "default" => [],
                "$ref" => Faults(Definitions[rule!.GetValue<string>().Replace("#/$defs/", "", StringComparison.Ordinal)]!.AsObject(), value, at),
                "type" => Types(rule!).Any(type => Is(type, value)) ? [] : [$"{at}: not {rule!.ToJsonString()}"],
                "enum" => rule!.AsArray().Any(word => JsonNode.DeepEquals(word, value)) ? [] : [$"{at}: not one of {rule.ToJsonString()}"],
                "pattern" => value is not JsonValue || !Is("string", value) || Regex.IsMatch(value.GetValue<string>(), rule!.GetValue<string>()) ? [] : [$"{at}: not {rule}"],
                "required" => value is JsonObject map ? rule!.AsArray().Where(key => !map.ContainsKey(key!.GetValue<string>())).Select(key => $"{at}: lacks {key}") : [],
                "properties" => value is JsonObject map ? map.Where(p => rule![p.Key] is not null).SelectMany(p => Faults(rule![p.Key]!.AsObject(), p.Value, $"{at}.{p.Key}")) : [],
                "additionalProperties" => value is JsonObject map ? map.Where(p => schema["properties"]?[p.Key] is null).SelectMany(p =>
                    rule is JsonObject inner ? Faults(inner, p.Value, $"{at}.{p.Key}") : rule!.GetValue<bool>() ? [] : [$"{at}: unknown {p.Key}"]) : [],
                "propertyNames" => value is JsonObject map ? map.SelectMany(p => Faults(rule!.AsObject(), JsonValue.Create(p.Key), $"{at}.{p.Key}")) : [],
                "items" => value is JsonArray list ? list.SelectMany((item, i) => Faults(rule!.AsObject(), item, $"{at}[{i}]")) : [],
                "oneOf" => rule!.AsArray().Count(option => !Faults(option!.AsObject(), value, at).Any()) == 1 ? [] : [$"{at}: not exactly one of {rule.ToJsonString()}"],
                "anyOf" => rule!.AsArray().Any(option => !Faults(option!.AsObject(), value, at).Any()) ? [] : [$"{at}: none of {rule.ToJsonString()}"],
                "minItems" => Count(value as JsonArray, n => n >= rule!.GetValue<int>(), at, keyword),
                "maxItems" => Count(value as JsonArray, n => n <= rule!.GetValue<int>(), at, keyword),
                "minProperties" => value is JsonObject map && map.Count < rule!.GetValue<int>() ? [$"{at}: {keyword}"] : [],
                "minLength" => Is("string", value) && value!.GetValue<string>().Length < rule!.GetValue<int>() ? [$"{at}: {keyword}"] : [],
                "maxLength" => Is("string", value) && value!.GetValue<string>().Length > rule!.GetValue<int>() ? [$"{at}: {keyword}"] : [],
                "minimum" => Number(value, n => n >= rule!.GetValue<double>(), at, keyword),
                "maximum" => Number(value, n => n <= rule!.GetValue<double>(), at, keyword),
                "exclusiveMinimum" => Number(value, n => n > rule!.GetValue<double>(), at, keyword),
                "exclusiveMaximum" => Number(value, n => n < rule!.GetValue<double>(), at, keyword),
                _ => throw new InvalidOperationException($"The schema uses '{keyword}', which this test does not know."),
            };
            foreach (var fault in faults)
                yield return fault;
        }
    }

    private static IEnumerable<string> Types(JsonNode rule) => rule is JsonArray list ? list.Select(type => type!.GetValue<string>()) : [rule.GetValue<string>()];

    private static bool Is(string type, JsonNode? value) => type switch
    {
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "null" => value is null,
        "integer" => value is JsonValue v && v.TryGetValue<double>(out var n) && n == Math.Floor(n),
        "number" => value is JsonValue v && v.TryGetValue<double>(out _),
        "boolean" => value is JsonValue v && v.TryGetValue<bool>(out _),
        _ => value is JsonValue v && v.TryGetValue<string>(out _),
    };

    private static IEnumerable<string> Number(JsonNode? value, Predicate<double> fits, string at, string keyword) =>
        Is("number", value) && !fits(value!.GetValue<double>()) ? [$"{at}: {keyword}"] : [];

    private static IEnumerable<string> Count(JsonArray? value, Predicate<int> fits, string at, string keyword) =>
        value is not null && !fits(value.Count) ? [$"{at}: {keyword}"] : [];
}
