using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using OrleansMl.Declaration.Yaml;

namespace OrleansMl.Declaration;

/// <summary>What differs between two definitions of one kind, in the words of the file: <c>ttl: 2h → 4h</c>.</summary>
internal static class Differences
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase), new DurationConverter() },
    };

    /// <summary>Members of the model whose key in the file has another name.</summary>
    private static readonly Dictionary<string, string> Keys = new(StringComparer.Ordinal)
    {
        ["aggregation"] = "agg",
        ["bootstrapEpochs"] = "bootstrap.epochs",
        ["bootstrapOutcomes"] = "bootstrap.outcomes",
        ["cooldownOutcomes"] = "cooldown",
        ["entityColumn"] = "entity.column",
        ["entityId"] = "entity.id",
        ["entityType"] = "entity.type",
        ["fromEvent"] = "from.event",
        ["fromSubject"] = "from.subject",
        ["fromValue"] = "from.value",
        ["latencyP99"] = "latency.p99",
        ["latencyRatio"] = "latency.ratio",
        ["labelMap"] = "label_map",
        ["live"] = "serve: live",
        ["memoryBytes"] = "memory",
        ["organicLearn"] = "organic: learn",
        ["outcomeColumn"] = "outcome.column",
        ["outcomeTarget"] = "outcome.target",
        ["refuseUnknownSources"] = "unknownSources: refuse",
        ["shadowOutcomes"] = "shadow.outcomes",
        ["promotes"] = "promote: auto",
        ["randomSplit"] = "split.by: random",
        ["sourceKind"] = "source kind",
        ["splitGap"] = "split.gap",
        ["start"] = "time.start",
        ["step"] = "time.step",
        ["stepMinTime"] = "step.minTime",
        ["stepOutcomes"] = "step.outcomes",
        ["testShare"] = "split.test",
        ["timeColumn"] = "time.column",
        ["timeZone"] = "timezone",
        ["topK"] = "top_k",
        ["validationShare"] = "split.validation",
        ["vectorAtLabel"] = "vector: at_label",
    };

    /// <summary>Empty when they say the same.</summary>
    public static ImmutableArray<string> Between(object before, object after)
    {
        var differences = ImmutableArray.CreateBuilder<string>();
        Compare(differences, "", Node(before), Node(after));
        return differences.DrainToImmutable();
    }

    private static JsonNode? Node(object value) => JsonSerializer.SerializeToNode(value, value.GetType(), Options);

    private static void Compare(ImmutableArray<string>.Builder differences, string path, JsonNode? before, JsonNode? after)
    {
        if (JsonNode.DeepEquals(before, after))
            return;
        switch (before, after)
        {
            case (JsonObject a, JsonObject b):
                foreach (var key in a.Select(member => member.Key).Union(b.Select(member => member.Key)))
                    Compare(differences, Join(path, Keys.GetValueOrDefault(key, key)), a[key], b[key]);
                break;
            case (JsonArray a, JsonArray b) when Named(a) && Named(b) && path != "pipeline":
                Things(differences, path, a, b);
                break;
            case (JsonArray a, JsonArray b) when a.Count == b.Count && a.Any(item => item is JsonObject):
                for (var i = 0; i < a.Count; i++)
                    Compare(differences, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), a[i], b[i]);
                break;
            default:
                differences.Add($"{path}: {Say(before)} → {Say(after)}");
                break;
        }
    }

    private static void Things(ImmutableArray<string>.Builder differences, string path, JsonArray before, JsonArray after)
    {
        static string NameOf(JsonNode? item) => item!["name"]!.GetValue<string>();
        var count = differences.Count;
        var old = before.ToDictionary(NameOf, StringComparer.Ordinal);
        foreach (var item in after)
        {
            if (old.Remove(NameOf(item), out var was))
                Compare(differences, Join(path, NameOf(item)), was, item);
            else
                differences.Add($"{Join(path, NameOf(item))} added");
        }

        foreach (var gone in old.Keys)
            differences.Add($"{Join(path, gone)} removed");
        if (differences.Count == count)
            differences.Add($"{path} in another order");
    }

    private static bool Named(JsonArray items) => items.All(item => item is JsonObject named && named["name"] is JsonValue);

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    private static string Say(JsonNode? node) => node switch
    {
        null => "none",
        JsonValue value when value.GetValueKind() == JsonValueKind.String => Excerpt.Of(value.GetValue<string>()),
        _ => Excerpt.Of(node.ToJsonString(Options)),
    };

    private sealed class DurationConverter : JsonConverter<TimeSpan>
    {
        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("Definitions are compared as JSON, never read from it.");

        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Duration.Text(value));
    }
}
