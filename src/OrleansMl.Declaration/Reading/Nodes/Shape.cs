using System.Collections.Immutable;

namespace OrleansMl.Declaration;

/// <summary>A key of a map.</summary>
/// <param name="Name">As written.</param>
/// <param name="Required">The map is at fault without it.</param>
/// <param name="Words">The words its value may be; null: no fixed words.</param>
internal sealed record Key(string Name, bool Required = false, Words? Words = null)
{
    public static implicit operator Key(string name) => new(name);
}

/// <summary>The keys that a kind of map may hold. The JSON Schema has a definition of the same name and keys.</summary>
internal sealed class Shape
{
    public Shape(string name, string title, params Key[] keys)
    {
        Name = name;
        Title = title;
        Keys = [.. keys];
        Names = [.. keys.Select(key => key.Name)];
    }

    public string Name { get; }

    /// <summary>In error texts: "a model".</summary>
    public string Title { get; }

    public ImmutableArray<Key> Keys { get; }

    public ImmutableArray<string> Names { get; }
}
