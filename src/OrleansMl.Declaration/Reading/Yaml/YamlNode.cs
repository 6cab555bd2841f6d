using System.Collections.Immutable;

namespace OrleansMl.Declaration.Yaml;

/// <summary>A node of the document with the place where it begins.</summary>
internal abstract record YamlNode(Mark Mark);

/// <summary>A scalar. Plain ones may be numbers, truth values or null; quoted and block ones are texts.</summary>
internal sealed record YamlScalar(Mark Mark, string Text, bool IsPlain) : YamlNode(Mark);

internal sealed record YamlSequence(Mark Mark, ImmutableArray<YamlNode> Items) : YamlNode(Mark);

/// <summary>Keys in written order, repeated ones included: the reader of the map reports them.</summary>
internal sealed record YamlMapping(Mark Mark, ImmutableArray<(YamlScalar Key, YamlNode Value)> Entries) : YamlNode(Mark);
