namespace OrleansMl.Storage;

/// <summary>A record to append; two with equal kind, id and revision are the same record when type, time and payload are equal.</summary>
public readonly record struct LogAppend(byte Kind, string Id, string Type, DateTime EventTime, int Revision, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The writer stamped the event time itself, so it is no part of the record's identity.</summary>
    public bool TimeIsStamped { get; init; }
}
