using System.Collections.Immutable;

namespace OrleansMl.Wire;

/// <summary>An event as it came. Names and shapes of JSON are checked; meaning is not yet.</summary>
public sealed record IngestEvent(string Id, EntityId Entity, string Type, DateTime? Time, ImmutableArray<NamedValue> Fields);
