namespace OrleansMl.Declaration;

/// <summary>Something wrong (or worth a warning) in an application file.</summary>
/// <param name="Code">Stable word for programs: <c>unknown_key</c>, <c>wrong_type</c>, <c>unknown_feature</c>, …</param>
/// <param name="Path">Where in the document: <c>models[0].pipeline[1].one_hot</c>; empty for the document itself.</param>
/// <param name="Line">Line of the key or value, from 1.</param>
/// <param name="Column">Column of its first character, from 1, in UTF-16 units.</param>
/// <param name="Detail">The thing, its value, what is allowed, and the remedy.</param>
public sealed record DeclarationFault(string Code, string Path, int Line, int Column, string Detail)
{
    public override string ToString() => $"{Line}:{Column}: {(Path.Length == 0 ? "" : Path + ": ")}{Detail} [{Code}]";
}
