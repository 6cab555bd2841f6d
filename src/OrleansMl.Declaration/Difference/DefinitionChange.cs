namespace OrleansMl.Declaration;

/// <summary>One line of a difference.</summary>
/// <param name="Action">create | update | delete | none.</param>
/// <param name="Kind">application | entity | event | view | model | learner | monitor | replay.</param>
/// <param name="Name">Name of the thing; of a learner its model's, of a monitor <c>model/monitor</c>, of a replay the application's.</param>
/// <param name="KeepsState">False when what was learned or folded under that name ends.</param>
/// <param name="Detail">What differs, in words; null when nothing does.</param>
/// <param name="Incompatible">It would end the lineage of a learner, or of a model's labels and versions: refused unless a reset is allowed.</param>
public sealed record DefinitionChange(string Action, string Kind, string Name, bool KeepsState, string? Detail, bool Incompatible = false);
