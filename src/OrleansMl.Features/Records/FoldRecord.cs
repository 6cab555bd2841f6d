namespace OrleansMl.Features;

/// <summary>One record of an entity's log, as the fold takes it.</summary>
/// <param name="Sequence">Position in the entity's log; ascends.</param>
/// <param name="Kind">Event, outcome or attributes.</param>
/// <param name="Type">Event type or target; ignored for attributes.</param>
/// <param name="EventTime">When it happened, UTC.</param>
/// <param name="Created">When the log's single writer appended it, UTC. Never read by the fold: who wants "as known then" cuts the log on it.</param>
/// <param name="Id">Unique per kind within the log; revisions of an outcome share it.</param>
/// <param name="Fields">Named values, each name at most once.</param>
public readonly record struct FoldRecord(
    long Sequence,
    FoldRecordKind Kind,
    string Type,
    DateTime EventTime,
    DateTime Created,
    string Id,
    ReadOnlyMemory<FoldField> Fields)
{
    /// <summary>
    /// For outcomes: the record with the highest revision of an id stands, the others do not count. A correction stands
    /// at its own event time, so one that changes only the value repeats the time of the first.
    /// </summary>
    public int Revision { get; init; }
}
