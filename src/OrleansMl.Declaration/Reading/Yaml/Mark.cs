namespace OrleansMl.Declaration.Yaml;

/// <summary>A place in the text, both from 1.</summary>
internal readonly record struct Mark(int Line, int Column);
