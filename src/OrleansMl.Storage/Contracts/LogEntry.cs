namespace OrleansMl.Storage;

/// <summary>One stored record of an entity's log.</summary>
/// <param name="Sequence">Position in the entity's log, from 1, without gaps.</param>
/// <param name="Kind">The writer's kind byte.</param>
/// <param name="Id">The writer's id; unique per entity and kind (a higher revision of the same id is a new record).</param>
/// <param name="Type">Event type or target; may be empty.</param>
/// <param name="EventTime">When it happened, UTC, to 100 ns.</param>
/// <param name="Created">When it was appended, UTC; never falls within a log.</param>
/// <param name="Revision">Revision of the id; 0 where revisions are not used.</param>
/// <param name="Payload">The writer's bytes, opaque to the store.</param>
public readonly record struct LogEntry(long Sequence, byte Kind, string Id, string Type, DateTime EventTime, DateTime Created, int Revision, ReadOnlyMemory<byte> Payload);
