using System.Text;
using System.Text.Json.Nodes;

namespace OrleansMl.Testing;

/// <summary>A request made from a template by none, one or several mutations.</summary>
/// <param name="Kind">Which template.</param>
/// <param name="Path">Path and query.</param>
/// <param name="ContentType">Null: none is sent.</param>
/// <param name="Body">Bytes of the body.</param>
/// <param name="GoodIds">For batches of events and outcomes: ids of the lines left as they were. They must be kept.</param>
/// <param name="What">The mutations, for a failing test's message.</param>
public sealed record GeneratedRequest(BodyKind Kind, string Path, string? ContentType, byte[] Body, IReadOnlyList<string> GoodIds, string What);

/// <summary>Requests around the edges of validity, the same for the same seed.</summary>
public sealed class BodyGenerator(int seed, BodyTemplates? templates = null)
{
    private static readonly string[] Literals =
    [
        "null", "true", "\"\"", "\" \"", "0", "-0", "-1", "1e999", "-1e999", "1e-999", "9223372036854775808", "18446744073709551616", "0.1", "NaN", "Infinity", "\"5\"", "\"NaN\"",
        "[]", "{}", "[[]]", "[null]", "\"\\ud800\"", "\"\\udc00x\"", "\"\\u0000\"", "\"a\\nb\"", "\"\uD83D\uDE00\"", "\"2026-13-01T00:00:00Z\"", "\"0001-01-01T00:00:00+23:59\"", "\"9999-12-31T23:59:59-23:59\"",
        "\"../..\"", "\"a/b\"", "01", "+1", ".5", "1.", "'x'", "undefined", "/* */1", "{\"a\":1,\"a\":2}", "\"FP16\"", "\"FP32\"", "\"BYTES\"", "\"UINT64\"", "[2147483647,2147483647,2147483647]", "[-1]", "[0]", "\"0\"", "\"7\"", "\"99999999999\"",
    ];

    private static readonly string?[] ContentTypes =
        [null, "application/json; charset=utf-8", "application/json; charset=utf-16", "text/plain", "application/x-www-form-urlencoded", "application/xml", "*/*", "nonsense", "multipart/form-data", "application/x-ndjson", "application/octet-stream"];

    private readonly Random _random = new(seed);
    private readonly BodyTemplates _templates = templates ?? new BodyTemplates();
    private int _n;

    public GeneratedRequest Next()
    {
        var kind = (BodyKind)_random.Next(6);
        return kind is BodyKind.Event or BodyKind.Outcome or BodyKind.Predict && _random.Next(2) == 0 ? Batch(kind) : Single(kind);
    }

    private GeneratedRequest Single(BodyKind kind)
    {
        var what = new StringBuilder();
        var body = Encoding.UTF8.GetBytes(Fresh(kind).Json);
        for (var i = _random.Next(4); i > 0; i--)
            body = Mutate(body, what);
        var contentType = _random.Next(8) == 0 ? ContentTypes[_random.Next(ContentTypes.Length)] : "application/json";
        return new GeneratedRequest(kind, _templates.PathOf(kind), contentType, body, [], what.Append(" as ").Append(contentType).ToString());
    }

    private GeneratedRequest Batch(BodyKind kind)
    {
        var what = new StringBuilder();
        var lines = new List<byte[]>();
        var good = new List<string>();
        for (var i = 1 + _random.Next(6); i > 0; i--)
        {
            var (id, json) = Fresh(kind);
            var line = Encoding.UTF8.GetBytes(json);
            if (_random.Next(2) == 0)
            {
                good.Add(id);
            }
            else
            {
                for (var k = 1 + _random.Next(2); k > 0; k--)
                    line = Mutate(line, what);
                // a line is a line: what a mutation breaks in two would be two items
                line = [.. line.Where(b => b is not ((byte)'\n' or (byte)'\r'))];
            }

            lines.Add(line);
        }

        // mutated ids can collide with none of the good ones: every id has a number of its own
        var body = lines.SelectMany(line => line.Append((byte)'\n')).ToArray();
        return new GeneratedRequest(kind, _templates.PathOf(kind), "application/x-ndjson", body, kind == BodyKind.Predict ? [] : good, what.Append(" in a batch").ToString());
    }

    private (string Id, string Json) Fresh(BodyKind kind)
    {
        var n = $"{seed}x{++_n}y";
        return (kind == BodyKind.Outcome ? $"fuzz-o{n}" : $"fuzz-e{n}", _templates.Of(kind).Replace("{n}", n, StringComparison.Ordinal));
    }

    private byte[] Mutate(byte[] body, StringBuilder what)
    {
        var choice = _random.Next(14);
        what.Append(choice).Append(' ');
        switch (choice)
        {
            case 0:
                return body[.._random.Next(body.Length + 1)];
            case 1:
                return Splice(body, _random.Next(body.Length + 1), 0, [(byte)_random.Next(256)]);
            case 2:
                return body.Length == 0 ? body : Splice(body, _random.Next(body.Length), 1, [(byte)_random.Next(256)]);
            case 3:
                return body.Length == 0 ? body : Splice(body, _random.Next(body.Length), 1, []);
            case 4:
                return Splice(body, 0, 0, [0xEF, 0xBB, 0xBF]);
            case 5:
                return Splice(body, body.Length, 0, Encoding.UTF8.GetBytes(new[] { "x", "{}", " ,", "\0", "//", "]" }[_random.Next(6)]));
            case 6:
                return [.. Enumerable.Repeat((byte)'[', 1 + _random.Next(200)), .. body];
            case 7:
                return Splice(body, _random.Next(body.Length + 1), 0, Encoding.UTF8.GetBytes("\\ud800"));
            case 8:
                return Splice(body, _random.Next(body.Length + 1), 0, Encoding.UTF8.GetBytes("/* */"));
            case 9:
                return body.Length == 0 ? body : Splice(body, _random.Next(body.Length), _random.Next(20), body.AsSpan(_random.Next(body.Length)).ToArray());
            default:
                return MutateTree(body);
        }
    }

    private static byte[] Splice(byte[] body, int at, int remove, byte[] insert)
        => [.. body.AsSpan(0, at), .. insert, .. body.AsSpan(Math.Min(body.Length, at + remove))];

    // What an earlier mutation broke has no tree, and stays as it is.
    private byte[] MutateTree(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body) is { } root ? MutateTree(root) : body;
        }
        catch (Exception exception) when (exception is System.Text.Json.JsonException or ArgumentException or InvalidOperationException)
        {
            return body;
        }
    }

    // Replaces, doubles, renames or adds somewhere in the tree, by text, so that invalid JSON can come out too.
    private byte[] MutateTree(JsonNode root)
    {
        var nodes = new List<JsonNode>();
        Collect(root, nodes);
        var literal = Literals[_random.Next(Literals.Length)];
        var marker = $"@{_random.Next()}@";
        var node = nodes[_random.Next(nodes.Count)];
        if (node is JsonObject map && _random.Next(3) == 0)
        {
            map[marker] = 1;
            var name = map.Count > 1 && _random.Next(2) == 0 ? map.First().Key : "unknown" + _random.Next(10);
            return Encoding.UTF8.GetBytes(root.ToJsonString().Replace($"\"{marker}\":1", $"\"{name}\":{literal}", StringComparison.Ordinal));
        }

        if (node is JsonObject shrinking && shrinking.Count > 0 && _random.Next(3) == 0)
        {
            shrinking.Remove(shrinking.ElementAt(_random.Next(shrinking.Count)).Key);
            return Encoding.UTF8.GetBytes(root.ToJsonString());
        }

        if (ReferenceEquals(node, root))
            return Encoding.UTF8.GetBytes(literal);
        node.ReplaceWith(marker);
        return Encoding.UTF8.GetBytes(root.ToJsonString().Replace($"\"{marker}\"", literal, StringComparison.Ordinal));
    }

    private static void Collect(JsonNode node, List<JsonNode> nodes)
    {
        nodes.Add(node);
        foreach (var child in node switch
        {
            JsonObject map => map.Select(member => member.Value),
            JsonArray array => array,
            _ => [],
        })
        {
            if (child is not null)
                Collect(child, nodes);
        }
    }
}
