using System.Collections.Immutable;

namespace OrleansMl.Wire;

/// <summary>An event as it came. Names and shapes of JSON are checked; meaning is not yet.</summary>
/// <param name="Id">The sender's: 1 to 256 bytes of UTF-8.</param>
/// <param name="Entity">Whose.</param>
/// <param name="Type">Name of the event.</param>
/// <param name="Time">When it happened, UTC; null: not said.</param>
/// <param name="Fields">In the order given; a missing value stands for null.</param>
public sealed record IngestEvent(string Id, EntityId Entity, string Type, DateTime? Time, ImmutableArray<NamedValue> Fields);
