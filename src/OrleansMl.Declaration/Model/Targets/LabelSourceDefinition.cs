namespace OrleansMl.Declaration;

/// <summary>A source of labels.</summary>
/// <param name="Name">As outcomes say it in <c>source</c>.</param>
/// <param name="Priority">A higher one goes before a lower one, 1 to 1,000,000.</param>
public sealed record LabelSourceDefinition(string Name, int Priority);
