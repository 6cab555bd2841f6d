using System.Globalization;
using System.Text.Json.Nodes;
using OrleansMl.Declaration.Yaml;

namespace OrleansMl.Declaration.Tests;

/// <summary>A YAML text as the JSON that says the same.</summary>
internal static class YamlAsJson
{
    public static JsonNode Convert(string yaml)
    {
        var sink = new FaultSink();
        var root = YamlLoader.Load(yaml, sink);
        Assert.Empty(sink.Faults());
        return Node(root!)!;
    }

    private static JsonNode? Node(YamlNode node) => node switch
    {
        YamlMapping map => new JsonObject(map.Entries.Select(entry => KeyValuePair.Create(entry.Key.Text, Node(entry.Value)))),
        YamlSequence list => new JsonArray([.. list.Items.Select(Node)]),
        YamlScalar { IsPlain: true, Text: "true" or "false" } flag => flag.Text == "true",
        YamlScalar { IsPlain: true } number when double.TryParse(number.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) => value,
        YamlScalar text => text.Text,
        _ => throw new InvalidOperationException(),
    };
}
