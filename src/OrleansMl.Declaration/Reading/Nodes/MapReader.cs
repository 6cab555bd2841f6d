using System.Collections.Immutable;
using OrleansMl.Declaration.Yaml;

namespace OrleansMl.Declaration;

/// <summary>A map of known keys. Unknown, repeated and lacking keys are reported when it is made.</summary>
internal sealed class MapReader
{
    private readonly Dictionary<string, NodeReader> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeReader> _keys = new(StringComparer.Ordinal);
    private readonly bool _hasUnknown;

    public MapReader(NodeReader node, YamlMapping mapping, Shape shape)
    {
        Node = node;
        foreach (var (key, value) in mapping.Entries)
        {
            var path = node.PathOf(key.Text);
            var keyReader = new NodeReader(node.Sink, key, path);
            if (!shape.Names.Contains(key.Text))
            {
                _hasUnknown = true;
                keyReader.Fault("unknown_key", $"'{Excerpt.Of(key.Text)}' is no key of {shape.Title} (keys: {Suggestion.List(shape.Names)}).{Suggestion.For(key.Text, shape.Names)}");
            }
            else if (!_values.TryAdd(key.Text, new NodeReader(node.Sink, value, path)))
                keyReader.Fault("repeated_key", $"'{key.Text}' occurs twice in {shape.Title}; keep one.");
            else
                _keys.Add(key.Text, keyReader);
        }

        foreach (var key in shape.Keys)
        {
            if (key.Required && !_values.ContainsKey(key.Name))
                node.Fault("missing_key", $"The key '{key.Name}' is missing; {shape.Title} needs it.");
        }
    }

    public NodeReader Node { get; }

    /// <summary>Known keys that are there, in the shape's own words.</summary>
    public ImmutableArray<string> Present => [.. _values.Keys];

    /// <summary>The value; null when the key is absent.</summary>
    public NodeReader? this[string key] => _values.TryGetValue(key, out var value) ? value : null;

    public bool Has(string key) => _values.ContainsKey(key);

    /// <summary>The key itself, for faults about its being there.</summary>
    public NodeReader Key(string key) => _keys.TryGetValue(key, out var reader) ? reader : Node;

    /// <summary>
    /// Exactly one of the keys must be there: which; null after a fault. An unknown key is taken for the one that lacks.
    /// </summary>
    public string? OneOf(string what, params string[] keys)
    {
        var present = keys.Where(Has).ToArray();
        if (present.Length == 1)
            return present[0];
        if (present.Length == 0 && !_hasUnknown)
            Node.Fault("missing_key", $"One of the keys {Suggestion.List(keys)} is needed: it says {what}.");
        else if (present.Length > 1)
            Key(present[1]).Fault("conflict", $"'{present[1]}' and '{present[0]}' exclude each other; keep the one that says {what}.");
        return null;
    }
}
